// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace slotd::app {

/// What a finding of `slotd check` says, for machines; in the order of codes().
enum class Code {
    configuration_read,
    configuration_wrong,
    configuration_doubtful,
    configuration_without_effect,
    haproxy_config_ambiguous,
    state_dir_usable,
    state_dir_unusable,
    consul_answers,
    consul_unreachable,
    consul_no_leader,
    token_unknown,
    token_in_clear,
    too_few_connections,
    instances_listed,
    no_answer,
    no_instances,
    none_may_serve,
    filter_passes_none,
    instances_doubtful,
    token_may_not_read,
    token_may_not_read_nodes,
    haproxy_answers,
    haproxy_unreachable,
    haproxy_too_old,
    haproxy_stopping,
    socket_level_too_low,
    reload_resets_connections,
    no_slots,
    slot_not_followed,
    backend_missing,
    haproxy_config_seen,
    haproxy_config_not_seen,
    haproxy_config_differs,
    slots_follow,
    too_few_slots,
    slot_lacks_address,
    slot_loses_address,
    slot_lacks_disabled,
    slot_lacks_check,
    gate_lacks_check,
    slot_has_cookie,
    slot_has_resolvers,
    slot_has_track,
    init_addr_lacks_last,
    balance_refuses_weights,
    balance_unknown,
    state_file_loaded,
    state_file_not_loaded,
    state_file_load_unknown,
    state_file_not_kept,
    state_file_not_writable,
    state_file_not_readable,
    state_file_not_seen,
    state_file_missing,
    state_file_malformed,
    state_file_fresh,
    state_file_old,
    file_in_place,
    file_missing,
    file_not_readable,
    file_not_writable,
    file_edited,
    file_old,
    file_pinned,
    file_version_failed,
    file_history_unreadable,
    file_template_wrong,
    file_not_rendered,
    file_check_passes,
    file_check_fails,
    file_reload_possible,
    file_reload_impossible,
};

struct CodeFact {
    Code code;
    std::string_view name;  ///< "slot-lacks-disabled"; never changes
    std::string_view help;
};

std::span<const CodeFact> codes();

/// Its name.
std::string_view to_string(Code code);

}  // namespace slotd::app
