// SPDX-License-Identifier: MIT
#include "slotd/model/address.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using slotd::model::Address;
using slotd::model::AddressPort;
using slotd::model::Port;

TEST_SUITE("address") {
    TEST_CASE("an address is printed in its canonical form") {
        const std::pair<std::string, std::string> rows[] = {
            {"10.0.0.1", "10.0.0.1"},
            {"2001:DB8:0:0::1", "2001:db8::1"},
            {"::1", "::1"},
            {"::ffff:10.0.0.9", "::ffff:10.0.0.9"},
        };
        for (const auto& [text, printed] : rows) {
            const auto address = Address::parse(text);
            REQUIRE_MESSAGE(address, text);
            CHECK(to_string(*address) == printed);
        }
    }

    TEST_CASE("what is not exactly an address is none") {
        for (const std::string text :
             {"", "web", "256.1.1.1", "127.1", "010.0.0.1", "0x7f000001", "10.0.0.1:80",
              " 10.0.0.1", "10.0.0.1 ", "10.0.0.1\n", "[::1]", "fe80::1%eth0", "10.0.0.1;", "*",
              "-", "/x.sock", "1.2.3.4.5", "::1::", "1:2:3:4:5:6:7:8:9"})
            CHECK_MESSAGE(!Address::parse(text), text);
        CHECK_FALSE(Address::parse(std::string_view("10.0.0.1\0", 9)));
        CHECK_FALSE(Address::parse(std::string(300, '1')));
    }

    TEST_CASE("addresses nobody can be served at are told apart, with the reason") {
        const std::pair<std::string, std::string> rows[] = {
            {"10.0.0.1", ""},
            {"127.0.0.1", ""},
            {"::1", ""},
            {"fd00::1", ""},
            {"0.0.0.0", "is the wildcard address"},
            {"::", "is the wildcard address"},
            {"0.1.2.3", "is in 0.0.0.0/8, which names no host"},
            {"224.0.0.1", "is a multicast address"},
            {"239.255.255.255", "is a multicast address"},
            {"ff02::1", "is a multicast address"},
            {"255.255.255.255", "is a reserved or broadcast address"},
            {"fe80::1", "is a link-local address, which means nothing without an interface"},
            {"::ffff:10.0.0.9", "is an IPv4-mapped address: register the IPv4 address itself"},
        };
        for (const auto& [text, why] : rows)
            CHECK_MESSAGE(why_unusable(*Address::parse(text)) == why, text);
    }

    TEST_CASE("a host name is told from what was meant to be an address") {
        for (const char* name : {"web", "web-1.example.com", "10.0.0.a", "_x", "1e1"})
            CHECK_MESSAGE(slotd::model::is_host_name(name), name);
        for (const char* other : {"", "10.0.0.300", "10", ".", "a b", "a;b", "::1", "[a]", "a/b",
                                  "fe80::1%eth0", "b\xc3\xbcro"})
            CHECK_FALSE_MESSAGE(slotd::model::is_host_name(other), other);
    }

    TEST_CASE("a port is 1 to 65535") {
        CHECK(Port::from(1)->value() == 1);
        CHECK(Port::from(65535)->value() == 65535);
        for (const std::int64_t number : {0L, -1L, 65536L, 99999999999L})
            CHECK_FALSE(Port::from(number));
    }

    TEST_CASE("an IPv6 address with its port stands in brackets") {
        CHECK(to_string(AddressPort(*Address::parse("::1"), *Port::from(80))) == "[::1]:80");
        CHECK(to_string(AddressPort(*Address::parse("10.0.0.1"), *Port::from(80))) ==
              "10.0.0.1:80");
    }

    TEST_CASE("addresses are in the order of their kind, their bytes and their ports") {
        const auto at = [](const std::string& address, int port) {
            return AddressPort(*Address::parse(address), *Port::from(port));
        };
        const std::vector<AddressPort> ordered{
            at("0.0.0.1", 9),    at("1.0.0.0", 1),   at("10.0.0.1", 80),  at("10.0.0.1", 81),
            at("10.0.1.0", 80),  at("127.0.0.1", 1), at("128.0.0.1", 1),  at("255.0.0.0", 1),
            at("::1", 1),        at("::1:0:0", 1),   at("0:0:0:1::", 1),  at("0:0:1::", 1),
            at("2001:db8::", 1), at("ff02::1", 1),   at("ff02::1", 65535)};
        for (std::size_t a = 0; a < ordered.size(); ++a)
            for (std::size_t b = 0; b < ordered.size(); ++b) {
                CAPTURE(to_string(ordered[a]));
                CAPTURE(to_string(ordered[b]));
                CHECK((ordered[a] <=> ordered[b]) == (a <=> b));
                CHECK((ordered[a] == ordered[b]) == (a == b));
            }
    }
}
