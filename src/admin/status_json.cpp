// SPDX-License-Identifier: MIT
#include "slotd/admin/status_json.hpp"

#include "json.hpp"

namespace slotd::admin {
namespace {

using sync::SlotState;

void add(Json& json, const sync::SlotStatus& slot) {
    json.open('{').key("name").text(slot.name).key("state").text(to_string(slot.state));
    json.key("address").text_or_null(slot.address).key("port").number_or_null(slot.port);
    json.key("weight").number(slot.weight);
    json.key("instance").text_or_null(slot.instance).key("node").text_or_null(slot.node);
    json.key("since").time(slot.since).close('}');
}

void add_hold(Json& json, const std::optional<sync::HoldStatus>& held) {
    if (!held) {
        json.null();
        return;
    }
    json.open('{').key("reason").text(held->reason).key("since").time(held->since);
    json.key("detail").text(held->detail).close('}');
}

void add_counts(Json& json, const sync::BackendStatus& backend) {
    json.key("slots").open('{');
    for (const SlotState state :
         {SlotState::ready, SlotState::draining, SlotState::out, SlotState::free})
        json.key(to_string(state)).number(backend.count(state));
    json.close('}').key("instances").open('{');
    json.key("serving").number(backend.serving);
    json.key("waiting").number(backend.waiting.size());
    json.key("refused").number(backend.refused.size()).close('}');
}

void add_refused(Json& json, const std::vector<sync::RefusedStatus>& refused) {
    json.open('[');
    for (const sync::RefusedStatus& one : refused)
        json.open('{').key("instance").text(one.instance).key("why").text(one.why).close('}');
    json.close(']');
}

void add(Json& json, const sync::BackendStatus& backend) {
    json.open('{').key("name").text(backend.name).key("socket").text(backend.socket);
    json.key("service").text_or_null(backend.service).key("kv").text_or_null(backend.kv);
    json.key("paused").boolean(backend.paused).key("paused_until").time(backend.paused_until);
    json.key("held");
    add_hold(json, backend.held);
    add_counts(json, backend);
    json.key("waiting").texts(backend.waiting).key("refused");
    add_refused(json, backend.refused);
    json.key("last_change").time(backend.last_change);
    json.key("last_success").time(backend.last_success);
    json.key("last_error").text_or_null(backend.last_error);
    json.key("would").texts(backend.would).key("slot").open('[');
    for (const sync::SlotStatus& slot : backend.slots) add(json, slot);
    json.close(']').close('}');
}

void add(Json& json, const sync::HaproxyStatus& haproxy) {
    json.open('{').key("socket").text(haproxy.socket).key("up").boolean(haproxy.up);
    json.key("error").text_or_null(haproxy.error);
    json.key("version").text_or_null(haproxy.version);
    json.key("pid").number_or_null(static_cast<std::uint64_t>(haproxy.pid)).close('}');
}

void add_file(Json& json, const std::optional<sync::FileStatus>& file) {
    if (!file) {
        json.null();
        return;
    }
    json.open('{').key("path").text(file->path).key("version").number_or_null(file->version);
    json.key("placed").time(file->placed);
    json.key("pinned").number_or_null(file->pinned.value_or(0));
    json.key("edited").boolean(file->edited);
    json.key("backends").number(file->backends).key("lingering").number(file->lingering);
    json.key("error").text_or_null(file->error).key("doubt").text_or_null(file->doubt).close('}');
}

}  // namespace

std::string status_json(const sync::Status& status, const std::vector<std::string>& not_ready,
                        std::string_view backend) {
    Json json;
    json.open('{').key("version").text(status.version).key("started").time(status.started);
    json.key("now").time(status.now);
    json.key("ready").boolean(not_ready.empty()).key("not_ready").texts(not_ready);
    json.key("haproxy").open('[');
    for (const sync::HaproxyStatus& haproxy : status.haproxys) add(json, haproxy);
    json.close(']').key("file");
    add_file(json, status.file);
    json.key("backends").open('[');
    for (const sync::BackendStatus& one : status.backends)
        if (backend.empty() || one.name == backend)
            add(json, one);
    json.close(']').close('}');
    return json.take() + "\n";
}

}  // namespace slotd::admin
