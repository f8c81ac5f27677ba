// SPDX-License-Identifier: MIT
#include "slotd/model/duration.hpp"

#include <doctest/doctest.h>

using namespace slotd;
using namespace std::chrono_literals;

TEST_SUITE("duration") {
    TEST_CASE("a time is digits and a unit") {
        CHECK(model::parse_duration("0s") == 0ms);
        CHECK(model::parse_duration("500ms") == 500ms);
        CHECK(model::parse_duration("30s") == 30s);
        CHECK(model::parse_duration("10m") == 10min);
        CHECK(model::parse_duration("2h") == 2h);
        for (const auto* text : {"", "s", "30", "-1s", "+1s", " 1s", "1 s", "1s ", "1.5s", "1d",
                                 "1S", "99999999999s", "4000000000h"})
            CHECK_MESSAGE(!model::parse_duration(text), text);
    }
}
