// SPDX-License-Identifier: MIT
#include "slotd/admin/listen_address.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace slotd;
using admin::ListenAddress;

TEST_SUITE("listen_address") {
    TEST_CASE("a port of a loopback address, or a UNIX socket") {
        for (const auto& [text, at] : {std::pair("127.0.0.1:8399", "127.0.0.1:8399"),
                                       std::pair("[::1]:80", "[::1]:80"),
                                       std::pair("localhost:65535", "127.0.0.1:65535"),
                                       std::pair("127.1.2.3:1", "127.1.2.3:1")}) {
            const auto parsed = ListenAddress::parse(text);
            REQUIRE_MESSAGE(parsed, text);
            CHECK_FALSE(parsed->is_unix());
            CHECK(to_string(parsed->at()) == at);
            CHECK(parsed->text() == text);
        }
        for (const auto* text : {"unix:/run/slotd/admin.sock", "unix:///run/slotd/admin.sock"}) {
            const auto parsed = ListenAddress::parse(text);
            REQUIRE_MESSAGE(parsed, text);
            CHECK(parsed->is_unix());
            CHECK(parsed->path() == "/run/slotd/admin.sock");
        }
    }

    TEST_CASE("any other address is refused, and says why") {
        const std::string forms = " (write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH)";
        const std::string loopback =
            "slotd listens on loopback addresses only (let a server that knows its users, such as "
            "HAProxy, stand before it for others)";
        const std::vector<std::pair<std::string, std::string>> rows{
            {"", "an address and a port are needed" + forms},
            {"8399", "an address and a port are needed" + forms},
            {":8399", "this is no address" + forms},
            {"*:8399", "this is no address" + forms},
            {"example.com:8399", "this is no address" + forms},
            {"::1:8399", "this is no address" + forms},
            {"[127.0.0.1]:8399", "this is no address" + forms},
            {"127.0.0.1:0", "the port is not between 1 and 65535" + forms},
            {"127.0.0.1:65536", "the port is not between 1 and 65535" + forms},
            {"127.0.0.1:", "the port is not between 1 and 65535" + forms},
            {"127.0.0.1:99999999999999999999", "the port is not between 1 and 65535" + forms},
            {"0.0.0.0:8399", loopback},
            {"[::]:8399", loopback},
            {"10.0.0.1:8399", loopback},
            {"[::ffff:127.0.0.1]:8399", loopback},
            {"unix:", "this is no absolute path" + forms},
            {"unix:admin.sock", "this is no absolute path" + forms},
            {"unix:/run/slotd/", "this is no absolute path" + forms},
            {std::string("unix:/a\0b", 9), "this is no absolute path" + forms},
            {"unix:/" + std::string(107, 'a'),
             "the path of a UNIX socket has at most 107 characters" + forms},
        };
        for (const auto& [text, error] : rows) {
            CAPTURE(text);
            const auto parsed = ListenAddress::parse(text);
            REQUIRE_FALSE(parsed);
            CHECK(to_string(parsed.error()) == error);
            CHECK(parsed.error().kind == model::ErrorKind::config);
        }
    }
}
