// SPDX-License-Identifier: MIT
#include "slotd/app/check/code.hpp"

#include <array>
#include <cstddef>

namespace slotd::app {
namespace {

constexpr std::array code_table{
    CodeFact{Code::configuration_read, "configuration-read", "it was read, or none is needed"},
    CodeFact{Code::configuration_wrong, "configuration-wrong", "slotd would not start"},
    CodeFact{Code::configuration_doubtful, "configuration-doubtful",
             "it holds, and `slotd run` warns of it too"},
    CodeFact{Code::configuration_without_effect, "configuration-without-effect",
             "something else beats what it says"},
    CodeFact{Code::haproxy_config_ambiguous, "haproxy-config-ambiguous",
             "one `--haproxy-config` and several HAProxys"},
    CodeFact{Code::state_dir_usable, "state-dir-usable", "slotd can keep files there"},
    CodeFact{Code::state_dir_unusable, "state-dir-unusable", "slotd can't keep files there"},
    CodeFact{Code::consul_answers, "consul-answers", "and knows a leader"},
    CodeFact{Code::consul_unreachable, "consul-unreachable", "no answer, or none that can be read"},
    CodeFact{Code::consul_no_leader, "consul-no-leader", "Consul answers and has no leader"},
    CodeFact{Code::token_unknown, "token-unknown", "Consul does not know the token"},
    CodeFact{Code::token_in_clear, "token-in-clear", "it crosses the network without TLS"},
    CodeFact{Code::too_few_connections, "too-few-connections",
             "Consul's agent may grant fewer than slotd needs"},
    CodeFact{Code::instances_listed, "instances-listed", "of a service or key, and some may serve"},
    CodeFact{Code::no_answer, "no-answer", "Consul's answer for a service or key can't be trusted"},
    CodeFact{Code::no_instances, "no-instances", "a service or key has none"},
    CodeFact{Code::none_may_serve, "none-may-serve", "it has instances, all of them out"},
    CodeFact{Code::filter_passes_none, "filter-passes-none",
             "it has instances, none with the tags or passing the filter"},
    CodeFact{Code::instances_doubtful, "instances-doubtful",
             "some are refused, or are not served as they ask for"},
    CodeFact{Code::token_may_not_read, "token-may-not-read", "a service or key"},
    CodeFact{Code::token_may_not_read_nodes, "token-may-not-read-nodes",
             "instances on some nodes, or on any, are never shown"},
    CodeFact{Code::haproxy_answers, "haproxy-answers", "on its socket"},
    CodeFact{Code::haproxy_unreachable, "haproxy-unreachable", "it can't be asked"},
    CodeFact{Code::haproxy_too_old, "haproxy-too-old", "older than slotd knows"},
    CodeFact{Code::haproxy_stopping, "haproxy-stopping",
             "the process from before a reload answers"},
    CodeFact{Code::socket_level_too_low, "socket-level-too-low", "slotd may change nothing"},
    CodeFact{Code::reload_resets_connections, "reload-resets-connections",
             "no master process and no `expose-fd listeners`"},
    CodeFact{Code::no_slots, "no-slots", "a HAProxy without any"},
    CodeFact{Code::slot_not_followed, "slot-not-followed", "what it names can't be followed"},
    CodeFact{Code::backend_missing, "backend-missing", "it was asked for, and no HAProxy has it"},
    CodeFact{Code::haproxy_config_seen, "haproxy-config-seen", "haproxy.cfg was looked at"},
    CodeFact{Code::haproxy_config_not_seen, "haproxy-config-not-seen",
             "it was not, and what only it tells was left out"},
    CodeFact{Code::haproxy_config_differs, "haproxy-config-differs",
             "it lacks lines of slots that HAProxy has"},
    CodeFact{Code::slots_follow, "slots-follow", "and are enough, as far as is known"},
    CodeFact{Code::too_few_slots, "too-few-slots", "fewer than instances"},
    CodeFact{Code::slot_lacks_address, "slot-lacks-address", "and can't be given one"},
    CodeFact{Code::slot_loses_address, "slot-loses-address", "over a reload: it names no host"},
    CodeFact{Code::slot_lacks_disabled, "slot-lacks-disabled",
             "it takes requests before it is filled"},
    CodeFact{Code::slot_lacks_check, "slot-lacks-check", "HAProxy does not check what is in it"},
    CodeFact{Code::gate_lacks_check, "gate-lacks-check",
             "`gate` is set, and the slot lacks `check`"},
    CodeFact{Code::slot_has_cookie, "slot-has-cookie",
             "clients stay with it, not with the instance"},
    CodeFact{Code::slot_has_resolvers, "slot-has-resolvers", "HAProxy would set its address"},
    CodeFact{Code::slot_has_track, "slot-has-track", "it has another server's state"},
    CodeFact{Code::init_addr_lacks_last, "init-addr-lacks-last",
             "what a state file says of the slot is lost"},
    CodeFact{Code::balance_refuses_weights, "balance-refuses-weights",
             "the backend serves every instance with the weight of its slot's line"},
    CodeFact{Code::balance_unknown, "balance-unknown", "whether it takes weights can't be told"},
    CodeFact{Code::state_file_loaded, "state-file-loaded", "by HAProxy at a reload"},
    CodeFact{Code::state_file_not_loaded, "state-file-not-loaded",
             "HAProxy loads another, or none"},
    CodeFact{Code::state_file_load_unknown, "state-file-load-unknown", "that can't be told"},
    CodeFact{Code::state_file_not_kept, "state-file-not-kept",
             "HAProxy loads one, and slotd does not write it"},
    CodeFact{Code::state_file_not_writable, "state-file-not-writable", "by slotd"},
    CodeFact{Code::state_file_not_readable, "state-file-not-readable", "by HAProxy"},
    CodeFact{Code::state_file_not_seen, "state-file-not-seen", "what it holds was not looked at"},
    CodeFact{Code::state_file_missing, "state-file-missing", "it was not written yet"},
    CodeFact{Code::state_file_malformed, "state-file-malformed", "it is none"},
    CodeFact{Code::state_file_fresh, "state-file-fresh", "it holds what HAProxy has"},
    CodeFact{Code::state_file_old, "state-file-old", "it does not"},
    CodeFact{Code::file_in_place, "file-in-place", "the managed file is what it is to be"},
    CodeFact{Code::file_missing, "file-missing", "it was not written yet"},
    CodeFact{Code::file_not_readable, "file-not-readable", "by slotd"},
    CodeFact{Code::file_not_writable, "file-not-writable", "by slotd"},
    CodeFact{Code::file_edited, "file-edited", "somebody else wrote it, and slotd leaves it alone"},
    CodeFact{Code::file_old, "file-old", "it is not what would be rendered now"},
    CodeFact{Code::file_pinned, "file-pinned", "nothing is rendered since a rollback"},
    CodeFact{Code::file_version_failed, "file-version-failed",
             "HAProxy did not take the newest one"},
    CodeFact{Code::file_history_unreadable, "file-history-unreadable",
             "slotd can't tell its versions"},
    CodeFact{Code::file_template_wrong, "file-template-wrong", "it can't be read, or is none"},
    CodeFact{Code::file_not_rendered, "file-not-rendered", "what it would be is not known"},
    CodeFact{Code::file_check_passes, "file-check-passes", "HAProxy takes what would be rendered"},
    CodeFact{Code::file_check_fails, "file-check-fails", "HAProxy does not, or could not be run"},
    CodeFact{Code::file_reload_possible, "file-reload-possible", "as far as can be told"},
    CodeFact{Code::file_reload_impossible, "file-reload-impossible",
             "the command, the master's PID or its socket is not there"},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < code_table.size(); ++i)
        if (static_cast<std::size_t>(code_table[i].code) != i)
            return false;
    return static_cast<std::size_t>(Code::file_reload_impossible) + 1 == code_table.size();
}
static_assert(is_in_order(), "a row for each code, in their order");

}  // namespace

std::span<const CodeFact> codes() {
    return code_table;
}

std::string_view to_string(Code code) {
    return code_table[static_cast<std::size_t>(code)].name;
}

}  // namespace slotd::app
