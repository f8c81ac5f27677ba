// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "session.hpp"
#include "slotd/model/slot_line.hpp"
#include "slotd/model/slot_name.hpp"

#include <cstdio>
#include <string>
#include <variant>

namespace slotd::app {

namespace {

// For what was written as it stands in haproxy.cfg: a tag before the service, or the whole name.
// With a tag or a datacenter beside it, it can't be told which of them is meant.
std::string better_call(const Options& options) {
    if (!options.tag.empty() || !options.datacenter.empty())
        return {};
    for (const char* rest : {"", ".slots.invalid", ".service.slots.invalid"}) {
        const auto name = model::parse_slot_name(options.service + rest);
        const auto* meant = name && *name ? std::get_if<model::NamesService>(&**name) : nullptr;
        if (!meant || !format_slot_name(*meant))
            continue;
        return "slotd slots " + meant->service + " " + std::to_string(options.count) +
               (meant->tag.empty() ? "" : " --tag " + meant->tag) +
               (meant->datacenter.empty() ? "" : " --datacenter " + meant->datacenter) +
               (options.check ? " --check" : "");
    }
    return {};
}

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
    auto host = format_slot_name(names);
    if (!host)
        if (std::string call = better_call(options); !call.empty())
            return model::Error(model::ErrorKind::usage, host.error().what, {},
                                "is that `" + call + "`? Else " + host.error().hint);
    return host;
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
