// SPDX-License-Identifier: MIT
#include "slotd/catalog/answer.hpp"
#include "support/answers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd::testing;

namespace {

struct RefusedRow {
    std::string given;
    std::string why;
};

}  // namespace

TEST_SUITE("answer with instances that can't be served") {
    TEST_CASE("a port is between 1 and 65535") {
        const std::vector<RefusedRow> rows{
            {R"("Port":0)", "0"},         {R"("Port":-1)", "-1"},
            {R"("Port":65536)", "65536"}, {R"("Port":99999999999)", "99999999999"},
            {R"("Port":null)", "0"},      {R"("Meta":{})", "0"},
        };
        for (const RefusedRow& row : rows)
            CHECK(read_answer(
                      one_entry(R"("Service":"web","ID":"a","Address":"10.0.0.1",)" + row.given)) ==
                  "refused a on n1: port " + row.why + " is not between 1 and 65535\n");
    }

    TEST_CASE("an address is one that can be reached from another host") {
        const std::string host_name = " is a host name; register the instance with its IP address";
        const std::string no_address = " is no IP address";
        const std::vector<RefusedRow> rows{
            {"backend.example.com", "\"backend.example.com\"" + host_name},
            {"web_1", "\"web_1\"" + host_name},
            {"localhost", "\"localhost\"" + host_name},
            {"-", "\"-\"" + host_name},
            {"0x7f000001", "\"0x7f000001\"" + host_name},
            {"010.0.0.1", "\"010.0.0.1\"" + no_address},
            {"127.1", "\"127.1\"" + no_address},
            {"256.1.1.1", "\"256.1.1.1\"" + no_address},
            {"10.0.0.1:80", "\"10.0.0.1:80\"" + no_address},
            {"[::1]", "\"[::1]\"" + no_address},
            {"[::1]:80", "\"[::1]:80\"" + no_address},
            {" 10.0.0.1", "\" 10.0.0.1\"" + no_address},
            {"10.0.0.1/24", "\"10.0.0.1/24\"" + no_address},
            {R"(10.0.0.1\nset server web/s1 state maint)",
             R"("10.0.0.1\x0aset server web/s1 state maint")" + no_address},
            {R"(10.0.0.1;show info)", "\"10.0.0.1;show info\"" + no_address},
            {R"(10.0.0.1\u0000)", R"("10.0.0.1\x00")" + no_address},
            {R"(\t)", R"("\x09")" + no_address},
            {"*", "\"*\"" + no_address},
            {"/run/web.sock", "\"/run/web.sock\"" + no_address},
            {"unix:///run/web.sock", "\"unix:///run/web.sock\"" + no_address},
            {"b\xc3\xbc"
             "ro",
             "\"b\xc3\xbcro\"" + no_address},
            {"10.0.0.1\xe2\x80\xae", "\"10.0.0.1\\u{202e}\"" + no_address},
            {std::string(300, 'x'), "\"" + std::string(100, 'x') + "...\"" + host_name},
            {"fe80::1%eth0", "\"fe80::1%eth0\" has a scope, which means nothing on another host"},
            {"::", ":: is the wildcard address"},
            {"0.0.0.0", "0.0.0.0 is the wildcard address"},
            {"0.1.2.3", "0.1.2.3 is in 0.0.0.0/8, which names no host"},
            {"224.0.0.1", "224.0.0.1 is a multicast address"},
            {"255.255.255.255", "255.255.255.255 is a reserved or broadcast address"},
            {"FF02::1", "ff02::1 is a multicast address"},
            {"fe80::1",
             "fe80::1 is a link-local address, which means nothing without an interface"},
            {"::FFFF:10.0.0.1",
             "::ffff:10.0.0.1 is an IPv4-mapped address: register the IPv4 address itself"},
        };
        for (const RefusedRow& row : rows)
            CHECK(read_answer(one_entry(R"("Service":"web","ID":"a","Port":80,"Address":")" +
                                        row.given + "\"")) ==
                  "refused a on n1: the address " + row.why + "\n");
    }

    TEST_CASE("the address is said before the port, and the node's is judged alike") {
        CHECK(read_answer(one_entry(R"("Service":"web","ID":"a","Port":0,"Address":"x")")) ==
              "refused a on n1: the address \"x\" is a host name; register the instance with its "
              "IP address\n");
        const std::string service = R"("Service":{"Service":"web","ID":"a","Port":80}}])";
        CHECK(read_answer(R"([{"Node":{"Node":"n1","Address":"node-1"},)" + service) ==
              "refused a on n1: the address \"node-1\" is a host name; register the instance with "
              "its IP address\n");
        CHECK(read_answer(R"([{"Node":{"Node":"n1"},)" + service) ==
              "refused a on n1: neither the instance nor its node has an address\n");
    }

    TEST_CASE("those that can be served stay, whatever is wrong with the others") {
        const std::string bad =
            R"({"Node":{"Node":"n1"},"Service":{"Service":"web","ID":"bad","Port":80}})";
        const std::string good = one_entry(R"("Service":"web","ID":"a","Port":80)");
        const std::string inside = good.substr(1, good.size() - 2);
        CHECK(read_answer("[" + bad + "," + inside + "," + bad + "]") ==
              "a on n1 10.0.0.9:80 passing\n"
              "refused bad on n1: neither the instance nor its node has an address\n"
              "refused bad on n1: neither the instance nor its node has an address\n");
    }
}
