// SPDX-License-Identifier: MIT
#include "slotd/model/backoff.hpp"

#include <doctest/doctest.h>

using slotd::model::Backoff;
using std::chrono::milliseconds;

TEST_SUITE("backoff") {
    TEST_CASE("each try doubles the range, up to the longest") {
        Backoff backoff(milliseconds(100), milliseconds(1000), [] { return 0.9999; });
        for (const long expected : {99, 199, 399, 799, 999, 999})
            CHECK(backoff.next() == milliseconds(expected));
    }

    TEST_CASE("the delay is spread down to half of the first") {
        Backoff backoff(milliseconds(100), milliseconds(1000), [] { return 0.0; });
        CHECK(backoff.next() == milliseconds(50));
        CHECK(backoff.next() == milliseconds(50));
    }

    TEST_CASE("a reset begins anew, and many tries stay in range") {
        Backoff backoff(milliseconds(100), milliseconds(10'000), [] { return 0.9999; });
        for (int i = 0; i < 100; ++i) CHECK(backoff.next() <= milliseconds(10'000));
        CHECK(backoff.tries() == 100);
        backoff.reset();
        CHECK(backoff.next() == milliseconds(99));
    }
}
