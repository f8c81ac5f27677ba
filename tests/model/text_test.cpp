// SPDX-License-Identifier: MIT
#include "slotd/model/text.hpp"

#include "slotd/model/instance.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd::model;

TEST_SUITE("text") {
    TEST_CASE("printable text holds nothing that ends a line or moves the cursor") {
        const std::pair<std::string, std::string> rows[] = {
            {"web-1", "web-1"},
            {"h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80",
             "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80"},
            {"a\nb\r\tc", "a\\x0ab\\x0d\\x09c"},
            {std::string("a\0b", 3), "a\\x00b"},
            {"\x1b[31m", "\\x1b[31m"},
            {"back\\slash", "back\\\\slash"},
            {"\xff\xfe", "\\xff\\xfe"},
            {"\xe2\x82", "\\xe2\\x82"},
            {"\xc0\xaf", "\\xc0\\xaf"},
            {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
            {"\xc2\x85", "\\u{0085}"},
            {"\xe2\x80\xa8", "\\u{2028}"},
            {"\xe2\x80\xae", "\\u{202e}"},
            {"\x7f", "\\x7f"},
        };
        for (const auto& [text, expected] : rows) CHECK(printable(text) == expected);
    }

    TEST_CASE("printable text is cut at a whole character") {
        CHECK(printable("abcdef", 3) == "abc...");
        CHECK(printable("abc", 3) == "abc");
        CHECK(printable("ab\xe2\x82\xac", 3) == "ab...");
        CHECK(to_string(InstanceId(std::string(5000, 'n'), "a\nb")).size() < 250);
    }

    TEST_CASE("a JSON string is whole and escaped") {
        CHECK(json_string("a\"b\\c\n\x01") == "\"a\\\"b\\\\c\\u000a\\u0001\"");
        CHECK(json_string("\xff\xe2\x82\xac") == "\"\xef\xbf\xbd\xe2\x82\xac\"");
        CHECK(json_string("") == "\"\"");
    }

    TEST_CASE("letters are the same but for case, and nothing else is") {
        CHECK(same_but_for_case("Web-9.K", "wEB-9.k"));
        CHECK(same_but_for_case("", ""));
        CHECK_FALSE(same_but_for_case("web", "webs"));
        CHECK_FALSE(same_but_for_case("webs", "web"));
        // The pairs that a set bit 5 would make the same.
        CHECK_FALSE(same_but_for_case("@[\\]^_", "`{|}~\x7f"));
        CHECK_FALSE(same_but_for_case("\xc3\x84", "\xc3\xa4"));
    }

    TEST_CASE("a glob matches whole names") {
        for (const auto& [text, glob] : {std::pair{"s1", "s*"},
                                         {"s1", "*"},
                                         {"", "*"},
                                         {"s1", "s?"},
                                         {"abcbc", "a*bc"},
                                         {"s1", "s1"},
                                         {"a*b", "a*b"}})
            CHECK_MESSAGE(matches_glob(text, glob), text << " " << glob);
        for (const auto& [text, glob] : {std::pair{"s1", "s"},
                                         {"s1", ""},
                                         {"s", "s?"},
                                         {"S1", "s*"},
                                         {"abcb", "a*bc"},
                                         {"", "?"}})
            CHECK_MESSAGE(!matches_glob(text, glob), text << " " << glob);
    }
}
