// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "session.hpp"
#include "slotd/model/slot_name.hpp"

#include <cstdio>

namespace slotd::app {

int slots(const Options& options) {
    model::NamesService names;
    names.service = options.service;
    names.tag = options.tag;
    names.datacenter = options.datacenter;
    const auto host = format_slot_name(names);
    if (!host) {
        print(host.error());
        return exit_code(host.error());
    }
    std::printf("    server-template s 1-%d %s:1%s disabled init-addr last,127.0.0.1\n",
                options.count, host->c_str(), options.check ? " check" : "");
    return 0;
}

}  // namespace slotd::app
