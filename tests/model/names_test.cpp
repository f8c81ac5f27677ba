// SPDX-License-Identifier: MIT
#include "slotd/model/names.hpp"

#include "slotd/model/weight.hpp"

#include <doctest/doctest.h>

using namespace slotd::model;

TEST_SUITE("names") {
    TEST_CASE("a name holds letters, digits and -_.: only") {
        for (const char* text : {"web", "s1", "A-b_c.d:8", "0"}) CHECK(is_haproxy_name(text));
        for (const std::string text :
             {"", "a b", "a/b", "a;b", "a\nb", "a\"b", "a\\b", "#1", "\xc3\xa9"})
            CHECK_FALSE(is_haproxy_name(text));
        CHECK_FALSE(BackendName::parse(std::string("a\0b", 3)));
    }

    TEST_CASE("a slot is printed as commands name it") {
        CHECK(to_string(SlotId(*BackendName::parse("web"), *ServerName::parse("s1"))) == "web/s1");
    }

    TEST_CASE("a weight is kept between 0 and 256") {
        CHECK(Weight::clamped(-1).value() == 0);
        CHECK(Weight::clamped(0).value() == 0);
        CHECK(Weight::clamped(256).value() == 256);
        CHECK(Weight::clamped(65535).value() == 256);
        CHECK(Weight::clamped(99999999999).value() == 256);
    }
}
