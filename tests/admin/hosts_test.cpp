// SPDX-License-Identifier: MIT
#include "slotd/admin/hosts.hpp"

#include <doctest/doctest.h>

using slotd::admin::is_local_host;

TEST_SUITE("hosts") {
    TEST_CASE("localhost, what is under it and loopback addresses are this machine") {
        for (const auto* host : {"localhost", "LocalHost", "localhost:8399", "slotd.localhost",
                                 "a.b.localhost:1", "127.0.0.1", "127.0.0.1:8399", "127.9.8.7",
                                 "[::1]", "[::1]:8399", "localhost:"})
            CHECK_MESSAGE(is_local_host(host), host);
    }

    TEST_CASE("every other name and address is not") {
        for (const auto* host :
             {"", ":", "evil.example", "evil.example:8399", "localhost.evil.example",
              "evillocalhost", ".localhost", "localhost.", "127.0.0.1.evil.example", "128.0.0.1",
              "0.0.0.0", "0", "2130706433", "0x7f.1", "127.1", "[::]", "::1", "[::1", "[127.0.0.1]",
              "[::ffff:127.0.0.1]", "localhost:80:80", "localhost:8o", "localhost:123456",
              "localhost@evil.example", "localhost evil", "localhost/", "[::1]x"})
            CHECK_FALSE_MESSAGE(is_local_host(host), host);
    }
}
