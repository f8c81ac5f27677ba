// SPDX-License-Identifier: MIT
#include "stray_slots.hpp"

#include "slotd/haproxy/state.hpp"
#include "slotd/sync/file.hpp"

#include <algorithm>

namespace slotd::sync {
namespace {

using model::Server;

using ReadyAt = std::map<model::SlotId, model::AddressPort>;

ReadyAt ready_of(const std::vector<Server>& servers) {
    ReadyAt ready;
    for (const Server& server : servers)
        if (server.admin == model::Admin::ready && server.at)
            ready.emplace(server.id, *server.at);
    return ready;
}

bool is_address_of(const ReadyAt& ready, const model::BackendName& backend,
                   const model::Address& address) {
    return std::any_of(ready.begin(), ready.end(), [&](const auto& one) {
        return one.first.backend == backend && one.second.address == address;
    });
}

// The port of the file, and an address that it does not have.
bool was_led_astray(const Server& server, const ReadyAt& in_file) {
    if (server.admin != model::Admin::ready || !server.at || server.host_name.empty())
        return false;
    const auto row = in_file.find(server.id);
    return row != in_file.end() && row->second.port == server.at->port &&
           !is_address_of(in_file, server.id.backend, server.at->address);
}

}  // namespace

void StraySlots::sent(const std::vector<Done>& done) {
    for (const Done& one : done)
        if (const auto* set = std::get_if<model::SetAddress>(&one.step.command.change))
            filled_.insert_or_assign(one.step.command.slot, set->to);
}

bool StraySlots::is_filled(const Server& server) const {
    const auto found = filled_.find(server.id);
    return found != filled_.end() && found->second == server.at;
}

void StraySlots::find(const std::vector<Server>& servers, const std::string& state_file,
                      Report& report) {
    stray_.clear();
    const auto text = read_file(state_file);
    if (!text)
        return;
    const auto rows = haproxy::parse_servers_state(*text);
    if (!rows)
        return;
    const ReadyAt in_file = ready_of(*rows);
    std::map<model::BackendName, std::size_t> counts;
    for (const Server& server : servers) {
        if (is_filled(server) || !was_led_astray(server, in_file))
            continue;
        stray_.emplace(server.id, *server.at);
        lines_.emplace(server.id.backend, server.host_name);
        if (++counts[server.id.backend] == 1)
            report.line(LogLevel::error, server.id.backend.text(),
                        to_string(server.id) + " came out of the reload ready at " +
                            to_string(*server.at) + " instead of " +
                            to_string(in_file.at(server.id)) +
                            ": the init-addr of its line lacks `last`. Slots like it go to maint "
                            "and are left out of the state file; write `init-addr "
                            "last,127.0.0.1`, reload HAProxy, then send slotd SIGHUP",
                        {LogField("slot", server.id.server.text())});
    }
}

void StraySlots::mark(Following& following) {
    if (stray_.empty())
        return;
    for (Group& group : following.groups)
        for (Server& slot : group.slots) {
            const auto found = stray_.find(slot.id);
            if (found == stray_.end())
                continue;
            slot.astray = slot.admin == model::Admin::ready && slot.at == found->second;
            if (!slot.astray)
                stray_.erase(found);
        }
}

bool StraySlots::is_unsafe(const Server& server) const {
    return lines_.contains({server.id.backend, server.host_name});
}

}  // namespace slotd::sync
