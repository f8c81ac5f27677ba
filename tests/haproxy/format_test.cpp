// SPDX-License-Identifier: MIT
#include "slotd/haproxy/format.hpp"

#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

using Change = std::variant<model::SetAddress, model::SetWeight, model::SetState>;

std::string text_of(const Change& change) {
    return haproxy::format(model::Command(slot_id("s1"), change));
}

}  // namespace

TEST_SUITE("format") {
    TEST_CASE("a command names the slot and what changes") {
        struct Row {
            Change change;
            std::string expected;
        };
        const std::vector<Row> rows{
            {model::SetAddress{at("10.0.0.1:80")}, "set server web/s1 addr 10.0.0.1 port 80"},
            {model::SetAddress{at("255.0.0.255:65535")},
             "set server web/s1 addr 255.0.0.255 port 65535"},
            {model::SetWeight{model::Weight::clamped(0)}, "set server web/s1 weight 0"},
            {model::SetWeight{model::Weight::clamped(256)}, "set server web/s1 weight 256"},
            {model::SetState{model::Admin::ready}, "set server web/s1 state ready"},
            {model::SetState{model::Admin::drain}, "set server web/s1 state drain"},
            {model::SetState{model::Admin::maint}, "set server web/s1 state maint"},
        };
        for (const Row& row : rows) CHECK(text_of(row.change) == row.expected);
    }

    TEST_CASE("an IPv6 address is written without brackets, in its canonical form") {
        CHECK(text_of(model::SetAddress{at("[2001:DB8:0:0::1]:80")}) ==
              "set server web/s1 addr 2001:db8::1 port 80");
        CHECK(text_of(model::SetAddress{at("[::1]:80")}) == "set server web/s1 addr ::1 port 80");
    }

    TEST_CASE("names go over as they are, with every character HAProxy allows") {
        const model::Command command(slot_id("S-1_a.b:c", "Web.prod-1:x_y"),
                                     model::SetState{model::Admin::ready});
        CHECK(haproxy::format(command) == "set server Web.prod-1:x_y/S-1_a.b:c state ready");
    }
}
