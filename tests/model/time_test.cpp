// SPDX-License-Identifier: MIT
#include "slotd/model/time.hpp"

#include <doctest/doctest.h>

using namespace slotd::model;

TEST_SUITE("time") {
    TEST_CASE("a time of day goes out as text and comes back") {
        const WallTime time = std::chrono::system_clock::from_time_t(1'795'651'203);
        CHECK(utc_text(time) == "2026-11-26T00:00:03Z");
        CHECK(utc_text(time + std::chrono::milliseconds(999)) == "2026-11-26T00:00:03Z");
        CHECK(parse_utc("2026-11-26T00:00:03Z") == time);
    }

    TEST_CASE("what is not written like that is no time") {
        for (const char* text :
             {"", "-", "2026-11-26", "2026-11-26T00:00:03", "2026-02-31T00:00:03Z",
              "2026-11-26T00:00:03Z ", " 2026-11-26T00:00:03Z", "2026-11-26T0:00:03Z",
              "2026-11-26T00:00:61Z"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_utc(text));
        }
    }
}
