// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "session.hpp"
#include "slotd/model/slot_line.hpp"
#include "slotd/model/slot_name.hpp"

#include <cstdio>
#include <string>

namespace slotd::app {

namespace {

model::Result<std::string> host_name(const Options& options) {
    if (options.kv && (!options.tag.empty() || !options.datacenter.empty()))
        return model::Error(model::ErrorKind::usage,
                            "slots of a KV list have no tag and no datacenter", "--kv",
                            "`datacenter` of [backend.NAME] says where the key is");
    if (options.kv)
        return format_slot_name(model::NamesKv{options.service});
    model::NamesService names;
    names.service = options.service;
    names.tag = options.tag;
    names.datacenter = options.datacenter;
    return format_slot_name(names);
}

}  // namespace

int slots(const Options& options) {
    const auto host = host_name(options);
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
