// SPDX-License-Identifier: MIT
#include "slotd/haproxy/inspect.hpp"

#include "support/data.hpp"
#include "support/loop.hpp"
#include "support/runtime_socket.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using Lines = std::vector<std::string>;

namespace {

const std::string masters =
    "master> Unknown command: 'show', but maybe one of the following ones is a better match:\n"
    "  show proc                               : show processes status\n\nmaster> "
    "admin\n\nmaster> ";

std::string error_of(const std::string& received) {
    const auto found = haproxy::parse_inspection(received);
    return found ? "" : to_string(found.error());
}

/// "web/s1: disabled", and what else its line says.
Lines lines_of(const haproxy::Inspection& found) {
    Lines lines;
    for (const model::Server& server : found.servers)
        lines.push_back(to_string(server.id) + ":" + (server.line_disabled ? " disabled" : "") +
                        (server.has_check ? " check" : "") +
                        (server.lacks_address ? " no-address" : ""));
    return lines;
}

Lines stats_of(const haproxy::Inspection& found) {
    Lines lines;
    for (const haproxy::ServerStat& stat : found.stats)
        lines.push_back(stat.backend + "/" + stat.server + " " + stat.algorithm + " " +
                        stat.cookie);
    return lines;
}

}  // namespace

TEST_SUITE("inspection") {
    TEST_CASE("what real ones answer is read whole") {
        for (const std::string version : {"2.6", "3.0"}) {
            const auto found =
                haproxy::parse_inspection(recorded("haproxy-" + version + "-inspect.txt"));
            REQUIRE(found);
            CHECK(found->process.version.starts_with(version));
            CHECK(found->level == "admin");
            CHECK(found->master_worker);
            CHECK(lines_of(*found) == Lines{"web/s1: disabled check", "web/s2: disabled check",
                                            "web/open:", "web/literal: disabled",
                                            "web/none: disabled no-address",
                                            "api/s1: disabled check"});
            CHECK(stats_of(*found) == Lines{"web/s1  c1", "web/s2  c1", "web/open  ",
                                            "web/literal  ", "web/none  ", "web/BACKEND source SRV",
                                            "api/s1  ", "api/BACKEND unknown "});
        }
    }

    TEST_CASE("one without a master lists no pair of sockets") {
        std::string received = recorded("haproxy-3.0-inspect.txt");
        const auto pair = received.find("sockpair@");
        received.erase(pair, received.find('\n', pair) + 1 - pair);
        const auto found = haproxy::parse_inspection(received);
        REQUIRE(found);
        CHECK_FALSE(found->master_worker);
    }

    TEST_CASE("a master's socket is told by its prompt") {
        CHECK(error_of(masters) ==
              "this is the socket of HAProxy's master process (slotd needs the socket of a `stats "
              "socket` line in haproxy.cfg; the one that haproxy's option -S names can't change "
              "servers)");
    }

    TEST_CASE("an answer that is cut anywhere is an error") {
        const std::string whole = recorded("haproxy-3.0-inspect.txt");
        for (std::size_t cut = 0; cut + 3 < whole.size(); cut += 97)
            CHECK_FALSE(haproxy::parse_inspection(whole.substr(0, cut)));
        CHECK(
            error_of("\n> ") ==
            "the connection was closed before the whole answer (is this HAProxy's runtime socket? "
            "It may also have stopped just then)");
    }

    TEST_CASE("it asks on one connection, and says which socket did not answer") {
        asio::io_context io;
        const auto ask = [&io](const std::string& path) {
            return result_of(io, haproxy::inspect(io.get_executor(),
                                                  *net::SocketAddress::parse(path), patience));
        };
        const RuntimeSocket socket(
            io, [](const std::string&) { return recorded("haproxy-2.6-inspect.txt"); });
        CHECK(ask(socket.path()));
        CHECK(socket.requests() == Lines{"prompt\nshow info\nshow cli level\nshow cli sockets\n"
                                         "show servers state\nshow stat -1 6 -1\nquit\n"});

        const RuntimeSocket master(
            io, [](const std::string&) { return masters; }, ThenSocket::hangs);
        const auto said = ask(master.path());
        REQUIRE_FALSE(said);
        CHECK(said.error().where == "socket " + master.path());
        CHECK(said.error().what == "this is the socket of HAProxy's master process");

        const auto nobody = ask("/no/such/socket");
        REQUIRE_FALSE(nobody);
        CHECK(to_string(nobody.error()).starts_with("socket /no/such/socket: can't connect"));
    }
}
