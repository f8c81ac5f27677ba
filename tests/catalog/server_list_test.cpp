// SPDX-License-Identifier: MIT
#include "slotd/catalog/server_list.hpp"

#include "support/answers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using Strings = std::vector<std::string>;

namespace {

// A line for each server, each refused one and each with options that are ignored; or the error.
std::string read_list(std::string_view value) {
    const auto list = catalog::parse_server_list(value);
    if (!list)
        return to_string(list.error());
    return show(model::Answer(*list));
}

const std::string mend = " (nothing of the new value is used until it is mended)";

// What is wrong with the one line of a value.
std::string wrong(const std::string& line) {
    const std::string said = read_list(line);
    const std::string before = "line 1: \"" + line + "\": ";
    CHECK(said.starts_with(before));
    CHECK(said.ends_with(mend));
    return said.starts_with(before) && said.ends_with(mend)
               ? said.substr(before.size(), said.size() - before.size() - mend.size())
               : said;
}

const std::string two = "web-1 10.0.0.1:80 passing\nweb-2 10.0.0.2:8080 passing\n";

}  // namespace

TEST_SUITE("server list") {
    TEST_CASE("a line is a server, whatever parts the lines") {
        for (const std::string_view value :
             {"server web-1 10.0.0.1:80\nserver web-2 10.0.0.2:8080\n",
              "server web-1 10.0.0.1:80\nserver web-2 10.0.0.2:8080",
              "server web-1 10.0.0.1:80\\nserver web-2 10.0.0.2:8080\\n",
              "server web-1 10.0.0.1:80\r\nserver web-2 10.0.0.2:8080\r\n",
              "\n\n  # both\n\tserver  web-1\t10.0.0.1:80 check # the first\n\n#\\n"
              "server web-2 10.0.0.2:8080#the second\n \n",
              "server 'web-1' \"10.0.0.1:80\" weight '1'\nserver web-2 10.0.0.2:8080 enabled"})
            CHECK(read_list(value) == two);
    }

    TEST_CASE("lines are counted as they are parted") {
        CHECK(catalog::split_lines("").empty());
        const std::vector<std::string_view> lines{"a", "b", "", "c\\", "d", "\\x"};
        CHECK(catalog::split_lines("a\nb\r\n\\nc\\\\nd\n\\x\n") == lines);
        CHECK(
            read_list("\nserver a 10.0.0.1:80\\n\\nx") ==
            "line 4: \"x\": \"x\" begins no server line; a key holds `server NAME ADDR:PORT` lines "
            "only" +
                mend);
    }

    TEST_CASE("no server is an empty list") {
        for (const std::string_view value :
             {"", "\n", "\\n", " \t\r\n", "# none", "[]", " [ ]\n"}) {
            CAPTURE(value);
            CHECK(read_list(value).empty());
        }
    }

    TEST_CASE("addresses are IPv4, or IPv6 in brackets or bare") {
        for (const std::string_view text : {"[2001:db8::1]:80", "2001:db8::1:80",
                                            "[2001:DB8:0::1]:80", "2001:db8:0:0:0:0:0:1:80"})
            CHECK(read_list("server a " + std::string(text)) == "a [2001:db8::1]:80 passing\n");
        CHECK(read_list("server a 1:2::3:4") == "a [1:2::3]:4 passing\n");
    }

    TEST_CASE("weight and disabled are followed, the last word counts") {
        CHECK(read_list("server a 10.0.0.1:80 weight 5 check disabled") ==
              "a 10.0.0.1:80 passing maintenance weight 5/5\n");
        CHECK(read_list("server a 10.0.0.1:80 disabled weight 5 enabled weight 0") ==
              "a 10.0.0.1:80 passing weight 0/0\n");
        CHECK(read_list("server a 10.0.0.1:80 weight 300") == "a 10.0.0.1:80 passing weight 300/300\n");
    }

    TEST_CASE("what a slot can't take at run time is named with its line") {
        CHECK(read_list("# list\nserver a 10.0.0.1:80 check inter 2s weight 2 backup\n"
                   "server b 10.0.0.2:80 source 10.0.0.9 usesrc clientip "
                   "set-proxy-v2-tlv-fmt(0x20) '%[str(a b)]' cookie \"c#1\"") ==
              "a 10.0.0.1:80 passing weight 2/2\nb 10.0.0.2:80 passing\n"
              "ignored of a: \"inter 2s backup\" (line 2)\n"
              "ignored of b: \"source 10.0.0.9 usesrc clientip set-proxy-v2-tlv-fmt(0x20) "
              "%[str(a b)] cookie c#1\" (line 3)\n");
        // A value is no option of its own.
        CHECK(read_list("server a 10.0.0.1:80 cookie disabled") ==
              "a 10.0.0.1:80 passing\nignored of a: \"cookie disabled\" (line 1)\n");
    }

    TEST_CASE("a host name, or an address nobody can be served at, is refused by itself") {
        CHECK(read_list("server a web-1.example.com:80\nserver b 0.0.0.0:80\nserver c [fe80::1]:80\n"
                   "server d 10.0.0.4:80") ==
              "d 10.0.0.4:80 passing\n"
              "refused a: its address \"web-1.example.com\" is a host name; write its IP address\n"
              "refused b: its address 0.0.0.0 is the wildcard address\n"
              "refused c: its address fe80::1 is a link-local address, which means nothing without "
              "an interface\n");
    }

    TEST_CASE("a line that makes no sense refuses all, with its number and text") {
        struct Row {
            std::string line;
            std::string why;
        };
        const std::vector<Row> rows{
            {"backend web",
             "\"backend\" begins no server line; a key holds `server NAME ADDR:PORT` "
             "lines only"},
            {"Server a 10.0.0.1:80",
             "\"Server\" begins no server line; a key holds `server NAME "
             "ADDR:PORT` lines only"},
            {"server", "it is not `server NAME ADDR:PORT`"},
            {"server a", "it is not `server NAME ADDR:PORT`"},
            {"server a # 10.0.0.1:80", "it is not `server NAME ADDR:PORT`"},
            {"server a;b 10.0.0.1:80",
             "\"a;b\" is no name of a server (letters, digits and -_.: only)"},
            {"server '' 10.0.0.1:80",
             "\"\" is no name of a server (letters, digits and -_.: only)"},
            {"server a 10.0.0.1", "\"10.0.0.1\" is not ADDR:PORT"},
            {"server a :80", "\":80\" is not ADDR:PORT"},
            {"server a [::1]", "\"[::1]\" is not ADDR:PORT"},
            {"server a 10.0.0.1:", "\"\" is no port"},
            {"server a 10.0.0.1:http", "\"http\" is no port"},
            {"server a 10.0.0.1:+1", "\"+1\" is no port"},
            {"server a 10.0.0.1:-1", "\"-1\" is no port"},
            {"server a 10.0.0.1:80x", "\"80x\" is no port"},
            {"server a 10.0.0.1:0", "port 0 is not between 1 and 65535"},
            {"server a 10.0.0.1:65536", "port 65536 is not between 1 and 65535"},
            {"server a 10.0.0.1:99999999999999999999", "\"99999999999999999999\" is no port"},
            {"server a 10.0.0.300:80", "\"10.0.0.300\" is no IP address"},
            {"server a 10.0.1:80", "\"10.0.1\" is no IP address"},
            {"server a ipv4@10.0.0.1:80", "\"ipv4@10.0.0.1\" is no IP address"},
            {"server a unix@/run/x:1", "\"unix@/run/x\" is no IP address"},
            {"server a [10.0.0.1]:80", "\"[10.0.0.1]\" is no IP address"},
            {"server a [fe80::1%eth0]:80", "\"fe80::1%eth0\" is no IP address"},
            {"server a ::1", "\":\" is no IP address"},
            {"server a 10.0.0.1:80 wieght 5", "HAProxy has no server option \"wieght\""},
            {"server a 10.0.0.1:80 disbaled", "HAProxy has no server option \"disbaled\""},
            {"server a 10.0.0.1:80 5", "HAProxy has no server option \"5\""},
            {"server a 10.0.0.1:80 weight", "\"weight\" lacks its value"},
            {"server a 10.0.0.1:80 check inter", "\"inter\" lacks its value"},
            {"server a 10.0.0.1:80 weight -1", "\"-1\" is no weight"},
            {"server a 10.0.0.1:80 weight 10%", "\"10%\" is no weight"},
            {"server a 10.0.0.1:80 weight ''", "\"\" is no weight"},
            {"server a 10.0.0.1:80 cookie \"x", "a quote is not closed"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.line);
            CHECK(wrong(row.line) == row.why);
            // The good lines around it do not count.
            const auto list = catalog::parse_server_list("server good 10.0.0.9:80\n" + row.line +
                                                         "\nserver well 10.0.0.8:80\n");
            REQUIRE_FALSE(list);
            CHECK(list.error().kind == model::ErrorKind::unreadable);
            CHECK(list.error().where == "line 2");
        }
    }

    TEST_CASE("no character can hide in a line, or get into a message") {
        CHECK(read_list(std::string_view("server a 10.0.0.1:80\0 disabled", 30)) ==
              "line 1: \"server a 10.0.0.1:80\\x00 disabled\": it has a control character" + mend);
        CHECK(read_list("server a 10.0.0.1:80 \x1b[2J") ==
              "line 1: \"server a 10.0.0.1:80 \\x1b[2J\": it has a control character" + mend);
        CHECK(read_list("server a 10.0.0.1:80\rserver b 10.0.0.1:81") ==
              "line 1: \"server a 10.0.0.1:80\\x0dserver b 10.0.0.1:81\": it has a control "
              "character" +
                  mend);
        CHECK(read_list("server a\\ b 10.0.0.1:80") ==
              "line 1: \"server a\\\\ b 10.0.0.1:80\": it has a "
              "backslash, which only means a line end, as \\n" +
                  mend);
        CHECK(read_list(std::string(200, 'x')).size() < 400);
    }

    TEST_CASE("two servers with one name make no sense, two with one address do") {
        CHECK(read_list("server a 10.0.0.1:80\n\nserver a 10.0.0.2:80") ==
              "line 3: \"server a 10.0.0.2:80\": the server of line 1 has the name a too" + mend);
        CHECK(read_list("server a web.example.com:80\nserver a 10.0.0.2:80").starts_with("line 2: "));
        CHECK(read_list("server a 10.0.0.1:80\nserver A 10.0.0.1:80") ==
              "a 10.0.0.1:80 passing\nA 10.0.0.1:80 passing\n");
    }

    TEST_CASE("JSON is the second form") {
        CHECK(read_list(R"( [{"name":"web-1","address":"10.0.0.1","port":80},
                        {"port":8080,"weight":1,"address":"10.0.0.2","name":"web-2"}])") == two);
        CHECK(read_list(R"([{"name":"a","address":"[2001:db8::1]","port":80,"weight":7,"disabled":true},
                       {"name":"b","address":"2001:db8::2","port":80,"disabled":false}])") ==
              "a [2001:db8::1]:80 passing maintenance weight 7/7\nb [2001:db8::2]:80 passing\n");
        CHECK(read_list(R"([{"name":"a","address":"h.example","port":80},
                       {"name":"b","address":"10.0.0.2","port":80,"zone":"x","inter":2}])") ==
              "b 10.0.0.2:80 passing\n"
              "refused a: its address \"h.example\" is a host name; write its IP address\n"
              "ignored of b: \"zone inter\" ([1])\n");
    }

    TEST_CASE("JSON of another shape is refused with its place") {
        struct Row {
            std::string value;
            std::string why;
        };
        const std::vector<Row> rows{
            {"[", "it begins as JSON, but: "},
            {R"([{"name":"a","address":"10.0.0.1","port":80}] x)", "it begins as JSON, but: "},
            {"[1]", "[0] is a number, not an object"},
            {"[{}]", "[0].name is missing"},
            {R"([{"name":"a"}])", "[0].address is missing"},
            {R"([{"name":"a","address":"10.0.0.1"}])", "[0].port is missing"},
            {R"([{"name":null,"address":"10.0.0.1","port":1}])", "[0].name is null, not a string"},
            {R"([{"name":"a","address":1,"port":1}])", "[0].address is a number, not a string"},
            {R"([{"name":"a","address":"10.0.0.1","port":"1"}])",
             "[0].port is a string, not a whole number"},
            {R"([{"name":"a","address":"10.0.0.1","port":1.5}])",
             "[0].port is a number, not a whole number"},
            {R"([{"name":"a","address":"10.0.0.1","port":1,"weight":"5"}])",
             "[0].weight is a string, not a whole number"},
            {R"([{"name":"a","address":"10.0.0.1","port":1,"disabled":1}])",
             "[0].disabled is a number, not true or false"},
            {R"([{"name":"a","address":"10.0.0.1","port":1,"port":2}])", "[0].port is there twice"},
            {R"([{"name":"a","address":"10.0.0.1","port":1,"weight":-1}])",
             "[0]: weight -1 is below 0"},
            {R"([{"name":"a","address":"10.0.0.1","port":0}])",
             "[0]: port 0 is not between 1 and 65535"},
            {R"([{"name":"a","address":"","port":1}])", "[0]: \"\" is no IP address"},
            {R"([{"name":"a b","address":"10.0.0.1","port":1}])",
             "[0]: \"a b\" is no name of a server (letters, digits and -_.: only)"},
            {R"([{"name":"a","address":"10.0.0.1","port":1},{"name":"a","address":"10.0.0.2",)"
             R"("port":1}])",
             "[1]: the server of [0] has the name a too"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.value);
            const std::string said = read_list(row.value);
            CHECK_MESSAGE(said.starts_with(row.why), said);
            CHECK(said.ends_with(mend));
        }
    }
}
