// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "session.hpp"
#include "slotd/model/slot_line.hpp"
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
    model::SlotLine line(options.count, *host);
    line.check = options.check;
    std::printf("    %s\n", to_string(line).c_str());
    return 0;
}

}  // namespace slotd::app
