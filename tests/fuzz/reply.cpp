// SPDX-License-Identifier: MIT
// What HAProxy answers to a command, how a connection is cut into replies, and all that
// `slotd check` asks it.
#include "slotd/haproxy/reply.hpp"

#include "fuzz.hpp"
#include "slotd/haproxy/format.hpp"
#include "slotd/haproxy/inspect.hpp"

using namespace slotd;

namespace {

model::SlotId slot() {
    return model::SlotId(*model::BackendName::parse("web"), *model::ServerName::parse("s1"));
}

}  // namespace

void fuzz(std::string_view input) {
    const model::AddressPort at(*model::Address::parse("10.0.0.1"), *model::Port::from(80));
    const model::Command commands[] = {
        model::Command(slot(), model::SetAddress{at}),
        model::Command(slot(), model::SetWeight{model::Weight::clamped(3)}),
        model::Command(slot(), model::SetState{model::Admin::ready})};
    for (const model::Command& command : commands) {
        const haproxy::Outcome outcome = haproxy::read_reply(command, input);
        check(is_one_line(outcome.text), "a reply can be logged");
        const bool silent = input.find_first_not_of("\r\n ") == std::string_view::npos;
        const bool sets_address = std::holds_alternative<model::SetAddress>(command.change);
        if (!sets_address)
            check(outcome.ok() == silent, "silence, and nothing else, is success");
        else if (silent)
            check(!outcome.ok(), "an address is never set in silence");
    }
    std::size_t length = 0;
    for (const std::string_view reply : haproxy::split_replies(input)) {
        check(reply.data() >= input.data() &&
                  reply.data() + reply.size() <= input.data() + input.size(),
              "a reply is a part of what came");
        length += reply.size();
    }
    check(length <= input.size(), "no byte is in two replies");

    const auto inspection = haproxy::parse_inspection(input);
    check(is_one_line(inspection ? inspection->level + inspection->process.version
                                 : to_string(inspection.error())),
          "what an inspection says can be printed");
}
