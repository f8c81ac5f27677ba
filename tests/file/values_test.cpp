// SPDX-License-Identifier: MIT
#include "slotd/file/values.hpp"

#include <doctest/doctest.h>

#include <string>

using slotd::file::word;

TEST_SUITE("values") {
    TEST_CASE("what can't be misread stays as it is") {
        const std::string plain = "Prod-1_a.b:80/x@y+z=q,*?~&;!^()[]<>|";
        CHECK(word(plain) == plain);
        CHECK(word("").empty());
    }

    TEST_CASE("what would end a word is written as HAProxy's own escape") {
        CHECK(word("a b") == "a\\x20b");
        CHECK(word("a#b") == "a\\x23b");
        CHECK(word("\"'\\$") == "\\x22\\x27\\x5c\\x24");
        CHECK(word("\xc3\xa9") == "\\xc3\\xa9");
    }

    TEST_CASE("what a directive itself would give a meaning is taken out") {
        CHECK(word("a\nbackend x\r\t\x7f") == "a_backend\\x20x___");
        CHECK(word(std::string("a\0b", 3)) == "a_b");
        CHECK(word("%[env(HOME)]") == "_[env(HOME)]");
        CHECK(word("{x}") == "_x_");
    }

    TEST_CASE("no byte can begin another word, line, comment or quote") {
        for (int byte = 0; byte < 256; ++byte) {
            const std::string safe = word(std::string(1, static_cast<char>(byte)));
            CHECK(safe.find_first_of(" \t\r\n\"'#$%{}\v\f") == std::string::npos);
            CHECK((safe.size() == 1 || safe.substr(0, 2) == "\\x"));
        }
    }
}
