// SPDX-License-Identifier: MIT
#include "slotd/haproxy/runtime.hpp"

#include "support/loop.hpp"
#include "support/runtime_socket.hpp"
#include "support/steps.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using haproxy::Outcome;
using haproxy::OutcomeKind;
using Kinds = std::vector<OutcomeKind>;
using Lines = std::vector<std::string>;
using Numbers = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

namespace {

const milliseconds short_time(60);
const std::string changed =
    "IP changed from '127.0.0.1' to '10.0.0.1', port changed from '1' to '80' by 'stats socket "
    "command'\n\n> ";

std::vector<model::BackendName> backends(const Lines& names) {
    std::vector<model::BackendName> made;
    for (const std::string& name : names) made.push_back(*model::BackendName::parse(name));
    return made;
}

struct Client {
    asio::io_context io;

    std::unique_ptr<haproxy::Runtime> at(const std::string& path,
                                         milliseconds deadline = patience) {
        return haproxy::socket_runtime(io.get_executor(), *net::SocketAddress::parse(path),
                                       deadline);
    }

    std::vector<Outcome> apply(const std::string& path, const Lines& texts,
                               milliseconds deadline = patience) {
        const auto runtime = at(path, deadline);
        return result_of(io, runtime->apply(steps(texts), {}));
    }

    model::Result<model::Live> read(const std::string& path, const Lines& names,
                                    milliseconds deadline = patience) {
        const auto runtime = at(path, deadline);
        return result_of(io, runtime->read(backends(names)));
    }
};

Kinds kinds(const std::vector<Outcome>& outcomes) {
    Kinds some;
    for (const Outcome& outcome : outcomes) some.push_back(outcome.kind);
    return some;
}

RuntimeSocket::Answer always(std::string answer) {
    return [answer = std::move(answer)](const std::string&) { return answer; };
}

Lines names_of(const model::Result<std::vector<model::Server>>& servers) {
    if (!servers)
        return {to_string(servers.error())};
    Lines names;
    for (const model::Server& server : *servers) names.push_back(to_string(server.id));
    return names;
}

Lines names_of(const model::Result<model::Live>& live) {
    if (!live)
        return {to_string(live.error())};
    return names_of(model::Result<std::vector<model::Server>>(live->servers));
}

/// A connected pair of the runtime and a FakeHaproxy with slots web/s1, web/s2 and api/s1.
struct World : Client {
    FakeHaproxy haproxy;
    RuntimeSocket socket{io, RuntimeSocket::prompting(haproxy), ThenSocket::talks};

    World() {
        haproxy.add_slots("web", 2, "slots.invalid");
        haproxy.add_slots("api", 1, "slots.invalid");
    }
};

}  // namespace

TEST_SUITE("runtime socket") {
    TEST_CASE("what is expected is asked for before it is read, on the same connection") {
        World world;
        const auto runtime = world.at(world.socket.path());
        runtime->expect(backends({"web"}));
        run_until(world.io, [&] {
            return !world.socket.requests().empty() && !world.socket.requests().back().empty();
        });
        CHECK(names_of(result_of(world.io, runtime->servers(backends({"web"})))) ==
              Lines{"web/s1", "web/s2"});
        CHECK(world.socket.requests() == Lines{"prompt\nshow servers state web\n"});
        // What follows in the round goes over it too.
        CHECK(kinds(result_of(world.io, runtime->apply(steps({"s1 weight 3"}), {}))) ==
              Kinds{OutcomeKind::done});
        CHECK(world.socket.requests().size() == 1);
    }

    TEST_CASE("the look that follows commands is begun behind them, on a connection of its own") {
        World world;
        const auto runtime = world.at(world.socket.path());
        REQUIRE(result_of(world.io, runtime->servers(backends({"web"}))));
        const auto outcomes =
            result_of(world.io, runtime->apply(steps({"s1 weight 3"}), backends({"web"})));
        CHECK(kinds(outcomes) == Kinds{OutcomeKind::done});
        run_until(world.io, [&] {
            return world.socket.requests().size() == 2 && !world.socket.requests().back().empty();
        });
        const auto servers = result_of(world.io, runtime->servers(backends({"web"})));
        REQUIRE(servers);
        CHECK(servers->front().weight == model::Weight::clamped(3));
        CHECK(world.socket.requests() ==
              Lines{"prompt\nshow servers state web\nset server web/s1 weight 3\nquit\n",
                    "prompt\nshow servers state web\n"});
    }

    TEST_CASE("many commands are done before anything is looked at, which is begun at once then") {
        World world;
        const auto runtime = world.at(world.socket.path());
        const auto outcomes =
            result_of(world.io, runtime->apply(steps(Lines(9, "s1 weight 3")), backends({"web"})));
        CHECK(outcomes.size() == 9);
        // Its request has not been taken: it came behind the last reply.
        CHECK(world.socket.requests().size() == 1);
        run_until(world.io, [&] {
            return world.socket.requests().size() == 2 && !world.socket.requests().back().empty();
        });
        const auto servers = result_of(world.io, runtime->servers(backends({"web"})));
        REQUIRE(servers);
        CHECK(servers->front().weight == model::Weight::clamped(3));
        CHECK(world.socket.requests().size() == 2);
    }

    TEST_CASE("what was expected does not serve another read, nor one that comes later") {
        World world;
        const auto runtime = world.at(world.socket.path());
        runtime->expect(backends({"web"}));
        CHECK(names_of(result_of(world.io, runtime->servers(backends({"api"})))) ==
              Lines{"api/s1"});
        CHECK(world.socket.requests().size() == 2);
        CHECK(names_of(result_of(world.io, runtime->servers(backends({"web"})))) ==
              Lines{"web/s1", "web/s2"});
        CHECK(world.socket.requests().size() == 3);
    }

    TEST_CASE("what was expected long ago is asked for again") {
        World world;
        const auto runtime = world.at(world.socket.path());
        runtime->expect(backends({"web"}));
        run_for(world.io, milliseconds(25));
        world.haproxy.run("set server web/s1 weight 7");
        const auto servers = result_of(world.io, runtime->servers(backends({"web"})));
        REQUIRE(servers);
        CHECK(servers->front().weight == model::Weight::clamped(7));
        CHECK(world.socket.requests().size() == 2);
    }

    TEST_CASE("a socket that nobody listens on is expected in vain") {
        World world;
        const auto runtime = world.at("/nowhere/h.sock");
        runtime->expect(backends({"web"}));
        CHECK_FALSE(result_of(world.io, runtime->servers(backends({"web"}))));
    }

    TEST_CASE("the servers of a backend that is not there are none") {
        World world;
        CHECK(names_of(result_of(
                  world.io, world.at(world.socket.path())->servers(backends({"gone", "api"})))) ==
              Lines{"api/s1"});
    }

    TEST_CASE("commands go over one connection in one prompt, with an outcome for each") {
        World world;
        const auto outcomes = world.apply(
            world.socket.path(), {"s1 addr 10.0.0.1:80", "s1 weight 3", "s9 ready", "s1 ready"});
        CHECK(kinds(outcomes) == Kinds{OutcomeKind::done, OutcomeKind::done, OutcomeKind::vanished,
                                       OutcomeKind::done});
        CHECK(outcomes[2].text == "No such server.");
        CHECK(world.socket.requests() ==
              Lines{"prompt\nset server web/s1 addr 10.0.0.1 port 80\nset server web/s1 weight "
                    "3\nset server web/s9 state ready\nset server web/s1 state ready\nquit\n"});
        CHECK(world.haproxy.server("web/s1").is_ready());
    }

    TEST_CASE("thousands of commands are pipelined") {
        World world;
        constexpr std::size_t many = 5000;
        const auto outcomes = world.apply(world.socket.path(), Lines(many, "s1 addr 10.0.0.1:80"));
        REQUIRE(outcomes.size() == many);
        CHECK(outcomes.front().kind == OutcomeKind::done);
        CHECK(outcomes.back().kind == OutcomeKind::unchanged);
        CHECK(world.socket.requests().size() == 1);
    }

    TEST_CASE("each call has a connection of its own, so that a reload is noticed") {
        World world;
        const auto runtime = world.at(world.socket.path());
        const auto before = result_of(world.io, runtime->process());
        world.haproxy.reload();
        const auto after = result_of(world.io, runtime->process());
        REQUIRE(before);
        REQUIRE(after);
        CHECK(after->pid == before->pid + 1);
        CHECK(world.socket.requests().size() == 2);
    }

    TEST_CASE("all backends are read at once, or those that are named") {
        World world;
        CHECK(names_of(world.read(world.socket.path(), {})) == Lines{"web/s1", "web/s2", "api/s1"});
        CHECK(names_of(world.read(world.socket.path(), {"api"})) == Lines{"api/s1"});
        CHECK(world.socket.requests().back() == "prompt\nshow info\nshow servers state api\n");
    }

    TEST_CASE("a backend that vanished is left out, the others are read") {
        World world;
        CHECK(names_of(world.read(world.socket.path(), {"gone", "api"})) == Lines{"api/s1"});
    }

    TEST_CASE("sessions are asked server by server, of a crowd of one backend all at once") {
        World world;
        world.haproxy.server("web/s2").sessions = 5;
        const auto runtime = world.at(world.socket.path());
        const Numbers two{{3, 2}, {4, 1}};
        const auto stats = result_of(world.io, runtime->stat(two));
        REQUIRE(stats);
        REQUIRE(stats->size() == 2);
        CHECK(stats->front().server == "s2");
        CHECK(stats->front().sessions == 5);
        CHECK(world.socket.requests().back() == "prompt\nshow stat 3 4 2\nshow stat 4 4 1\n");

        runtime->end_round();
        Numbers many;
        for (std::uint32_t number = 1; number <= 17; ++number) many.emplace_back(3, number);
        CHECK(result_of(world.io, runtime->stat(many))->size() == 2);
        CHECK(world.socket.requests().back() == "prompt\nshow stat 3 4 -1\n");
    }

    TEST_CASE("what follows a reading in a round goes over its connection, the next has its own") {
        World world;
        const auto runtime = world.at(world.socket.path());
        const std::vector<model::BackendName> all;
        REQUIRE(result_of(world.io, runtime->read(all)));
        const Numbers one{{3, 1}};
        REQUIRE(result_of(world.io, runtime->stat(one)));
        CHECK(kinds(result_of(world.io, runtime->apply(steps({"s1 weight 3"}), {}))) ==
              Kinds{OutcomeKind::done});
        CHECK(world.socket.requests() ==
              Lines{"prompt\nshow info\nshow servers state\nshow stat 3 4 1\nset server web/s1 "
                    "weight 3\nquit\n"});
        REQUIRE(result_of(world.io, runtime->read(all)));
        REQUIRE(result_of(world.io, runtime->read(all)));
        runtime->end_round();
        CHECK(kinds(result_of(world.io, runtime->apply(steps({"s1 weight 4"}), {}))) ==
              Kinds{OutcomeKind::done});
        CHECK(world.socket.requests().size() == 4);
    }

    TEST_CASE("a connection that broke is not asked again") {
        World world;
        const auto runtime = world.at(world.socket.path());
        std::size_t asked = 0;
        const RuntimeSocket socket(
            world.io, [&](const std::string&) { return ++asked == 1 ? "\n> Pid: 1\nUp" : ""; },
            ThenSocket::closes);
        const auto broken = world.at(socket.path());
        const std::vector<model::BackendName> all;
        CHECK_FALSE(result_of(world.io, broken->read(all)));
        CHECK(kinds(result_of(world.io, broken->apply(steps({"s1 weight 3"}), {}))) ==
              Kinds{OutcomeKind::no_reply});
        CHECK(asked == 2);
        CHECK(socket.requests().back() == "prompt\nset server web/s1 weight 3\nquit\n");
    }

    TEST_CASE("sessions of servers that vanished are left out") {
        World world;
        const auto runtime = world.at(world.socket.path());
        const Numbers gone{{3, 77}, {99, 1}};
        const auto stats = result_of(world.io, runtime->stat(gone));
        REQUIRE(stats);
        CHECK(stats->empty());

        const RuntimeSocket other(world.io, always("\n> No such proxy.\n\n> No such proxy.\n\n> "));
        const auto others = result_of(world.io, world.at(other.path())->stat(gone));
        REQUIRE(others);
        CHECK(others->empty());
    }

    TEST_CASE("a socket whose level is too low refuses each command, and says so") {
        World world;
        world.haproxy.user_level = true;
        const auto outcomes = world.apply(world.socket.path(), {"s1 addr 10.0.0.1:80", "s1 ready"});
        CHECK(outcomes ==
              std::vector<Outcome>(2, Outcome(OutcomeKind::no_permission, "Permission denied")));
        CHECK(world.read(world.socket.path(), {}));
    }

    TEST_CASE("a reading that is refused is an error, not an empty list") {
        Client client;
        const RuntimeSocket socket(
            client.io, always("\n> Pid: 1\nUptime_sec: 1\n\n> Permission denied\n\n> "));
        const std::string expected =
            "`show servers state`: Permission denied (the `stats socket` line needs `level admin`)";
        CHECK(names_of(client.read(socket.path(), {})) == Lines{expected});
        CHECK(names_of(client.read(socket.path(), {"web"})) == Lines{expected});
    }
}

TEST_SUITE("a runtime socket that breaks") {
    TEST_CASE("cut in mid-reply, the commands from there on have no reply") {
        Client client;
        const RuntimeSocket socket(client.io, always("\n> " + changed + "\n> \n"));
        const auto outcomes =
            client.apply(socket.path(), {"s1 addr 10.0.0.1:80", "s1 weight 3", "s1 ready"});
        CHECK(outcomes ==
              std::vector<Outcome>{{OutcomeKind::done, changed.substr(0, changed.size() - 4)},
                                   {OutcomeKind::done, ""},
                                   {OutcomeKind::no_reply, "the connection was closed early"}});
    }

    TEST_CASE("closed at once, no command has a reply") {
        Client client;
        const RuntimeSocket socket(client.io, always(""));
        CHECK(kinds(client.apply(socket.path(), {"s1 ready", "s2 ready"})) ==
              Kinds{OutcomeKind::no_reply, OutcomeKind::no_reply});
        CHECK(names_of(client.read(socket.path(), {})) ==
              Lines{"socket " + socket.path() +
                    ": the connection was closed before the whole answer (HAProxy may have stopped "
                    "just then)"});
    }

    TEST_CASE("a reading is whole or an error, wherever the connection is cut") {
        Client client;
        FakeHaproxy haproxy;
        haproxy.add_slots("web", 1, "slots.invalid");
        const std::string whole =
            RuntimeSocket::prompting(haproxy)("prompt\nshow info\nshow servers state\nquit\n");
        std::size_t cut = 0;
        const RuntimeSocket socket(client.io,
                                   [&](const std::string&) { return whole.substr(0, cut); });
        const std::size_t last_prompt = whole.rfind("\n> ") + 3;
        for (; cut <= whole.size(); ++cut) {
            CAPTURE(cut);
            CHECK(client.read(socket.path(), {}).has_value() == (cut >= last_prompt));
        }
    }

    TEST_CASE("one that hangs is given up after the deadline; what came before counts") {
        Client client;
        const RuntimeSocket socket(client.io, always("\n> " + changed), ThenSocket::hangs);
        const auto outcomes =
            client.apply(socket.path(), {"s1 addr 10.0.0.1:80", "s1 ready"}, short_time);
        CHECK(kinds(outcomes) == Kinds{OutcomeKind::done, OutcomeKind::no_reply});
        CHECK(outcomes[1].text == "socket " + socket.path() +
                                      ": no whole answer within 100 ms (HAProxy may hang, or all "
                                      "its stats connections are taken)");
        const auto live = client.read(socket.path(), {}, short_time);
        REQUIRE_FALSE(live);
        CHECK(live.error().kind == model::ErrorKind::timeout);
    }

    TEST_CASE("nobody there is an error that says what to look at") {
        Client client;
        const SocketPath nowhere;
        const std::string expected =
            "socket " + nowhere.text() +
            ": can't connect: No such file or directory (is HAProxy running, and is this the path "
            "of a `stats socket` line of its configuration?)";
        CHECK(names_of(client.read(nowhere.text(), {})) == Lines{expected});
        CHECK(client.apply(nowhere.text(), {"s1 ready"}) ==
              std::vector<Outcome>{{OutcomeKind::no_reply, expected}});
    }

    TEST_CASE("words nobody knows are kept as an unreadable outcome") {
        Client client;
        const RuntimeSocket socket(client.io, always("\n> What?\n\n> \n"));
        CHECK(client.apply(socket.path(), {"s1 ready"}) ==
              std::vector<Outcome>{{OutcomeKind::unreadable, "What?"}});
    }
}
