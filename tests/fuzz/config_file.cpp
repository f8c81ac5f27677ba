// SPDX-License-Identifier: MIT
// haproxy.cfg.
#include "slotd/haproxy/config_file.hpp"

#include "fuzz.hpp"

using namespace slotd;

void fuzz(std::string_view input) {
    const haproxy::ConfigFile config = haproxy::parse_config_files({{"h.cfg", std::string(input)}});
    for (const haproxy::ProxySection& proxy : config.proxies)
        for (const haproxy::ServerLine& server : proxy.servers) {
            check(is_one_line(to_string(server.at)), "a place can be logged");
            if (server.last > 0)
                check(server.makes(server.name + std::to_string(server.last)),
                      "a template makes its last server");
        }
}
