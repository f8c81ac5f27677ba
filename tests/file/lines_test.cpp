// SPDX-License-Identifier: MIT
#include "slotd/file/lines.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

std::string lines(const std::string& value) {
    const auto made = slotd::file::server_lines(value);
    return made ? *made : "error: " + made.error().where + ": " + made.error().what;
}

}  // namespace

TEST_SUITE("lines") {
    TEST_CASE("a key's lines are copied with their options") {
        CHECK(lines("  server a 10.0.0.1:80 check inter 2s # old\n\n# none\n"
                    "server b [2001:db8::1]:81 backup\\nserver c web.example:80\n") ==
              "server a 10.0.0.1:80 check inter 2s # old\n"
              "    server b [2001:db8::1]:81 backup\n"
              "    server c web.example:80");
        CHECK(lines("").empty());
    }

    TEST_CASE("a comment may not carry a control character into the file") {
        CHECK(lines("# \x06\nserver a 10.0.0.1:80 # \x06") ==
              "error: line 2: \"server a 10.0.0.1:80 # \\x06\": it has a control character");
        CHECK(lines("server a 10.0.0.1:80 # old\tstill").ends_with("\tstill"));
    }

    TEST_CASE("JSON becomes lines") {
        CHECK(lines(R"([{"name":"a","address":"10.0.0.1","port":80,"weight":5},)"
                    R"({"name":"b","address":"2001:db8::1","port":81,"disabled":true}])") ==
              "server a 10.0.0.1:80 weight 5\n"
              "    server b [2001:db8::1]:81 weight 1 disabled");
    }

    TEST_CASE("one line that is none refuses them all: nothing else gets into the file") {
        CHECK(lines("server a 10.0.0.1:80\nbackend evil\n").starts_with("error: line 2: "));
        CHECK(lines("server a 10.0.0.1:80 bogus").starts_with("error: line 1: "));
        CHECK(lines("server a 10.0.0.1:80 \"check").starts_with("error: line 1: "));
        CHECK(lines("[{\"name\":\"a b\",\"address\":\"10.0.0.1\",\"port\":80}]")
                  .starts_with("error: "));
        CHECK(lines("listen x\\nserver a 10.0.0.1:80").starts_with("error: line 1: "));
    }
}
