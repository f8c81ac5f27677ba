// SPDX-License-Identifier: MIT
#include "slotd/app/screen.hpp"

#include <doctest/doctest.h>

using slotd::app::fitted;

TEST_SUITE("screen") {
    TEST_CASE("what fits is shown as it is") {
        CHECK(fitted("", {24, 80}).empty());
        CHECK(fitted("a\nbc\n", {3, 2}) == "a\nbc\n");
    }

    TEST_CASE("too many lines end with how many are not shown") {
        CHECK(fitted("1\n2\n3\n4\n", {4, 80}) == "1\n2\n... and 2 more lines\n");
        CHECK(fitted("1\n2\n3\n", {1, 80}) == "... and 3 more lines\n");
    }

    TEST_CASE("a long line is cut at a character, and its colour ends there") {
        CHECK(fitted("abcdef\n", {24, 3}) == "abc\n");
        CHECK(fitted("äöüß\n", {24, 3}) == "äöü\n");
        CHECK(fitted("\x1b[31mabcdef\x1b[0m\n", {24, 3}) == "\x1b[31mabc\x1b[0m\n");
        CHECK(fitted("\x1b[31mabc\x1b[0m\n", {24, 3}) == "\x1b[31mabc\x1b[0m\n");
        CHECK(fitted("\x1b[31", {24, 3}).empty());
    }
}
