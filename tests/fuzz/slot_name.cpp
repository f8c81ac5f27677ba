// SPDX-License-Identifier: MIT
// The service name in a slot's host name.
#include "slotd/model/slot_name.hpp"

#include "fuzz.hpp"

using namespace slotd;

void fuzz(std::string_view input) {
    const auto parsed = model::parse_slot_name(input);
    if (!parsed)
        return;
    if (!*parsed) {
        check(is_one_line(to_string(parsed->error())), "an error can be logged");
        return;
    }
    const auto* names = std::get_if<model::NamesService>(&**parsed);
    if (!names)
        return;
    check(!names->service.empty(), "a service has a name");
    const auto host = model::format_slot_name(*names);
    if (!host)
        return;
    const auto again = model::parse_slot_name(*host);
    check(again && *again && **again == **parsed, "what is written is read the same");
}
