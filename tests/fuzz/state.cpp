// SPDX-License-Identifier: MIT
// `show servers state` and `show info`.
#include "slotd/haproxy/state.hpp"

#include "fuzz.hpp"
#include "slotd/model/slot_name.hpp"

using namespace slotd;

void fuzz(std::string_view input) {
    const auto servers = haproxy::parse_servers_state(input);
    if (servers) {
        std::set<model::SlotId> all;
        for (const model::Server& server : *servers) {
            check(server.weight.value() <= 256, "a weight is one of HAProxy's");
            if (!server.host_name.empty())
                (void)model::parse_slot_name(server.host_name);
            all.insert(server.id);
        }
        const auto left = haproxy::parse_servers_state(haproxy::without_servers(input, all));
        check(left && left->empty(), "without all servers none is left");
        const auto same = haproxy::parse_servers_state(haproxy::without_servers(input, {}));
        check(same && *same == *servers, "without none all are left");
    } else {
        check(is_one_line(to_string(servers.error())), "an error can be logged");
    }
    const auto process = haproxy::parse_info(input);
    check(is_one_line(process ? process->version : to_string(process.error())),
          "a version can be logged");
}
