// SPDX-License-Identifier: MIT
#include "slotd/haproxy/runtime.hpp"
#include "support/loop.hpp"
#include "support/runtime_socket.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;

TEST_SUITE("master's socket") {
    TEST_CASE("it is told at once, though it neither ends a reply nor closes") {
        asio::io_context io;
        // As 2.6 and 3.0 answer.
        const RuntimeSocket master(
            io, [](const std::string&) { return "master> Unknown command: 'show'\n\nmaster> "; },
            ThenSocket::hangs);
        const auto runtime = haproxy::socket_runtime(
            io.get_executor(), *net::SocketAddress::parse(master.path()), patience);
        const auto live = result_of(io, runtime->read({*model::BackendName::parse("web")}));
        REQUIRE_FALSE(live);
        CHECK(to_string(live.error()) ==
              "socket " + master.path() +
                  ": this is the socket of HAProxy's master process (slotd needs the socket of a "
                  "`stats socket` line in haproxy.cfg; the one that haproxy's option -S names "
                  "can't change servers)");
    }
}
