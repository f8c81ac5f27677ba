// SPDX-License-Identifier: MIT
#include "slotd/plan/seating.hpp"

#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;

namespace {

using Lines = std::vector<std::string>;

/// "s2 a", a line for each slot that somebody sits on.
Lines seated(const Lines& shown, const Lines& listed) {
    const auto slots = slotd::testing::slots(shown);
    const auto target = plan::make_target(slotd::testing::instances(listed), plan::Policy());
    const plan::Seating seating = plan::seat(slots, target);
    Lines lines;
    for (std::size_t s = 0; s < slots.size(); ++s) {
        const auto& wanted = seating.wanted_of[s];
        if (!wanted)
            continue;
        CHECK(seating.slot_of[*wanted] == s);
        lines.push_back(slots[s].server.id.server.text() + " " + target.wanted[*wanted].id.id);
    }
    std::size_t sitting = 0;
    for (const auto& slot : seating.slot_of) sitting += slot ? 1 : 0;
    CHECK(sitting == lines.size());
    return lines;
}

}  // namespace

TEST_SUITE("seating") {
    TEST_CASE("an instance sits on the slot that has its address, whatever its state") {
        CHECK(seated({"s1 maint 127.0.0.1:1", "s2 ready 10.0.0.2:80", "s3 drain 10.0.0.3:80",
                      "s4 maint 10.0.0.4:80", "s5 ready 10.0.0.2:81"},
                     {"d 10.0.0.4:80", "c 10.0.0.3:80", "b 10.0.0.2:80", "e 10.0.0.5:80"}) ==
              Lines{"s2 b", "s3 c", "s4 d"});
    }

    TEST_CASE("of several slots with its address it sits on the one that is most in use") {
        CHECK(seated({"s1 maint 10.0.0.1:80", "s2 drain 10.0.0.1:80", "s3 ready 10.0.0.1:80",
                      "s4 ready 10.0.0.1:80"},
                     {"a 10.0.0.1:80"}) == Lines{"s3 a"});
        CHECK(seated({"s1 maint 10.0.0.1:80", "s2 drain 10.0.0.1:80"}, {"a 10.0.0.1:80"}) ==
              Lines{"s2 a"});
        CHECK(seated({"s1 maint 10.0.0.1:80", "s2 maint 10.0.0.1:80"}, {"a 10.0.0.1:80"}) ==
              Lines{"s1 a"});
    }
}
