// SPDX-License-Identifier: MIT
#include "slotd/file/lines.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using slotd::file::OnEmpty;

std::string lines(const std::string& value, OnEmpty on_empty = OnEmpty::hold) {
    const auto made = slotd::file::server_lines(value, on_empty);
    if (!made)
        return "error: " + made.error().where + ": " + made.error().what;
    std::string text = made->text;
    for (const slotd::model::Error& remark : remarks_on(*made, "lb/list"))
        text += "\nremark: " + to_string(remark);
    return text;
}

}  // namespace

TEST_SUITE("lines") {
    TEST_CASE("a key's lines are copied with their options") {
        CHECK(lines("  server a 10.0.0.1:80 check inter 2s # old\n\n# none\n"
                    "server b [2001:db8::1]:81 backup\\nserver c web.example:80\n") ==
              "server a 10.0.0.1:80 check inter 2s # old\n"
              "    server b [2001:db8::1]:81 backup\n"
              "    server c web.example:80");
    }

    TEST_CASE("a value without a server is an error, unless it is to be applied") {
        for (const char* value : {"", " \t\n", "# none", "[]", " [ ] "}) {
            CAPTURE(value);
            CHECK(lines(value) == "error: : it lists no server");
            CHECK(lines(value, OnEmpty::apply).empty());
        }
        const char* host = R"([{"name":"a","address":"a.example","port":80}])";
        CHECK(lines(host) ==
              "error: : it lists no server that can be used: its address \"a.example\" is a host "
              "name; write its IP address");
        CHECK(lines(host, OnEmpty::apply).starts_with("\nremark: the server a of the key lb/list"));
    }

    TEST_CASE("a comment may not carry a control character into the file") {
        CHECK(lines("# \x06\nserver a 10.0.0.1:80 # \x06") ==
              "error: line 2: \"server a 10.0.0.1:80 # \\x06\": it has a control character");
        CHECK(lines("server a 10.0.0.1:80 # old\tstill").ends_with("\tstill"));
    }

    TEST_CASE("a line may not name what slotd or HAProxy has in its environment") {
        CHECK(
            lines("server a 10.0.0.1:80 resolvers \"${CONSUL_HTTP_TOKEN}\"") ==
            "error: line 1: \"server a 10.0.0.1:80 resolvers \"${CONSUL_HTTP_TOKEN}\"\": it has a "
            "$, by which HAProxy reads its environment");
    }

    TEST_CASE("JSON becomes lines") {
        CHECK(lines(R"([{"name":"a","address":"10.0.0.1","port":80,"weight":5},)"
                    R"({"name":"b","address":"2001:db8::1","port":81,"disabled":true}])") ==
              "server a 10.0.0.1:80 weight 5\n"
              "    server b [2001:db8::1]:81 weight 1 disabled");
        CHECK(
            lines(R"([{"name":"a","address":"10.0.0.1","port":80},)"
                  R"({"name":"b","address":"0.0.0.0","port":81}])") ==
            "server a 10.0.0.1:80 weight 1\n"
            "remark: the server b of the key lb/list: its address 0.0.0.0 is the wildcard address "
            "(it is left out of the managed file)");
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
