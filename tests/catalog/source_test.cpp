// SPDX-License-Identifier: MIT
#include "slotd/catalog/source.hpp"

#include "support/scripted_consul.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

asio::awaitable<void> count_answer(catalog::Source& source, std::string service, Index index,
                                   int& answers) {
    const catalog::Heard heard = co_await source.ask(query(service), index, {});
    if (std::holds_alternative<model::Instances>(heard.answer))
        ++answers;
}

}  // namespace

TEST_SUITE("source") {
    TEST_CASE("the list and its index, asked for with the token as a header only") {
        Consul consul({respond(200, good, list)});
        CHECK(consul.ask() == a_on_n1 + "[index 7]");
        CHECK(consul.ask(7) == a_on_n1 + "[index 7]");
        REQUIRE(consul.server.requests().size() == 2);
        CHECK(consul.server.requests()[0].target == "/v1/health/service/web?stale");
        CHECK(consul.server.requests()[1].target ==
              "/v1/health/service/web?stale&index=7&wait=60s");
        for (const SeenRequest& request : consul.server.requests()) {
            CHECK(request.header("X-Consul-Token") == "the-secret");
            CHECK(request.header("User-Agent") == "slotd/test");
        }
    }

    TEST_CASE("no instance is known only with an index and a leader") {
        CHECK(hear(respond(200, good, "[]")) == "[index 7]");
    }

    TEST_CASE("header names are compared without case") {
        CHECK(hear(respond(200, "x-consul-INDEX: 9\r\nX-CONSUL-knownLeader: true\r\n", list)) ==
              a_on_n1 + "[index 9]");
        CHECK(hear(respond(200, "x-consul-index: 9\r\nx-consul-knownleader: false\r\n", list)) ==
              "no-leader: Consul knows no leader; its servers need to elect one");
    }

    TEST_CASE("an answer without an index, or with one that is none, is unknown") {
        for (const std::string headers :
             {"", "X-Consul-Index: 0\r\n", "X-Consul-Index: \r\n", "X-Consul-Index: -1\r\n",
              "X-Consul-Index: 7x\r\n", "X-Consul-Index: 18446744073709551616\r\n"}) {
            const std::string expected =
                "index-reset: Consul's answer has no index; is this Consul's HTTP address, and "
                "does nothing before it take X-Consul-Index away?";
            CHECK(hear(respond(200, headers, list)) == expected);
            CHECK(hear(respond(200, headers, list), 5) == expected);
        }
        CHECK(hear(respond(200, "X-Consul-Index: 18446744073709551615\r\n", list)) ==
              a_on_n1 + "[index 18446744073709551615]");
    }

    TEST_CASE("that no leader is known counts without an index; with one it is to be asked anew") {
        const Act leaderless =
            respond(200, "X-Consul-Index: 7\r\nX-Consul-Knownleader: false\r\n", list);
        CHECK(hear(leaderless) ==
              "no-leader: Consul knows no leader; its servers need to elect one");
        CHECK(hear(leaderless, 5) == a_on_n1 + "[index 7][ask anew]");
        CHECK(hear(respond(200, "X-Consul-Index: 7\r\n", list)) == a_on_n1 + "[index 7]");
    }

    TEST_CASE("a list that ACLs cut short is unknown") {
        const std::string filtered =
            "acl: Consul left out what the token may not read; it needs service:read and node:read";
        CHECK(hear(respond(200, good + "X-Consul-Results-Filtered-By-Acls: true\r\n", list)) ==
              filtered);
        CHECK(hear(respond(200, good + "X-Consul-Results-Filtered-By-Acls: true\r\n", "[]"), 5) ==
              filtered);
        CHECK(hear(respond(200, good + "X-Consul-Results-Filtered-By-Acls: false\r\n", list)) ==
              a_on_n1 + "[index 7]");
    }

    TEST_CASE("a body that is no list is unknown") {
        CHECK(hear(respond(200, good, R"({"a":1})")) ==
              "unreadable-answer: Consul's answer can't be read: the document is an object, not an "
              "array; is this Consul's HTTP address?[index 7]");
    }

    TEST_CASE("what Consul says when it can't answer now") {
        struct Row {
            int status;
            std::string text;
            std::string expected;
        };
        const std::vector<Row> rows{
            {500, "No cluster leader",
             "no-leader: Consul answers 500: No cluster leader; its servers need to elect one"},
            {500, "No known Consul servers",
             "no-leader: Consul answers 500: No known Consul servers; the agent needs a server it "
             "can reach"},
            {500, "rpc error making call: EOF",
             "consul-error: Consul answers 500: rpc error making call: EOF; the agent's log says "
             "more"},
            {500,
             "rpc error getting client: failed to get conn: dial tcp 127.0.0.1:0->127.0.0.1:8300: "
             "connect: connection refused",
             "consul-error: Consul answers 500: rpc error getting client: failed to get conn: dial "
             "tcp 127.0.0.1:0->127.0.0.1:8300: connect: connection refused; the agent's log says "
             "more"},
            {429,
             "Your IP is issuing too many concurrent connections, please rate limit your calls\n",
             "consul-error: Consul answers 429: Your IP is issuing too many concurrent "
             "connections, please rate limit your calls; it takes no more for now: see `limits` in "
             "the agent's configuration"},
            {503, "rate limit exceeded",
             "consul-error: Consul answers 503: rate limit exceeded; it takes no more for now: see "
             "`limits` in the agent's configuration"},
            {502, "", "consul-error: Consul answers 502; the agent's log says more"},
            {500, "\x1b[31mred\nand more\r\n\n",
             "consul-error: Consul answers 500: \\x1b[31mred\\x0aand more; the agent's log says "
             "more"},
            {500, std::string(201, 'x'),
             "consul-error: Consul answers 500: " + std::string(200, 'x') +
                 "...; the agent's log says more"},
        };
        for (const Row& row : rows) {
            CHECK(hear(refusal(row.status, row.text)) == row.expected);
            CHECK(hear(refusal(row.status, row.text), 5) == row.expected);
        }
    }

    TEST_CASE("what Consul says when something else must be asked, and what to do about it") {
        struct Row {
            int status;
            std::string text;
            std::string expected;
        };
        const std::vector<Row> rows{
            {400, "Invalid index",
             "consul-error: Consul answers 400: Invalid index; the agent's log says more"},
            {400,
             "Bad request: Invalid query parameter: \"ns\" - Namespaces are a Consul Enterprise "
             "feature",
             "consul-error: Consul answers 400: Bad request: Invalid query parameter: \"ns\" - "
             "Namespaces are a Consul Enterprise feature; leave `namespace` out"},
            {400,
             "Bad request: Invalid query parameter: \"partition\" - Partitions are a Consul "
             "Enterprise feature",
             "consul-error: Consul answers 400: Bad request: Invalid query parameter: "
             "\"partition\" - Partitions are a Consul Enterprise feature; leave `partition` out"},
            {405, "method POST not allowed",
             "consul-error: Consul answers 405: method POST not allowed; is this Consul's HTTP "
             "address?"},
            {400, "Client sent an HTTP request to an HTTPS server.\n",
             "consul-error: Consul answers 400: Client sent an HTTP request to an HTTPS server.; "
             "write https:// in its address, or set CONSUL_HTTP_SSL=true"},
            {401, "ACL support disabled",
             "acl: Consul answers 401: ACL support disabled; the token needs service:read and "
             "node:read"},
            {403, "ACL not found",
             "acl: Consul answers 403: ACL not found; the token needs service:read and node:read"},
            {403, "Permission denied",
             "acl: Consul answers 403: Permission denied; the token needs service:read and "
             "node:read"},
            {404, "", "consul-error: Consul answers 404; is this Consul's HTTP address?"},
            {500, "No path to datacenter",
             "consul-error: Consul answers 500: No path to datacenter; mend `datacenter`, or the "
             "slot's host name"},
            {500,
             "Failed to create boolean expression evaluator: 1:5 (4): no match found, expected: "
             "\"-\", \"0\" or [a-zA-Z]",
             "consul-error: Consul answers 500: Failed to create boolean expression evaluator: 1:5 "
             "(4): no match found, expected: \"-\", \"0\" or [a-zA-Z]; mend `filter`"},
        };
        for (const Row& row : rows)
            CHECK(hear(refusal(row.status, row.text)) == row.expected + "[configuration]");
    }

    TEST_CASE("an answer is announced as it begins to arrive, whatever it says") {
        Consul consul({respond(200, good, list), respond(200, good, list),
                       refusal(500, "No cluster leader")});
        int announced = 0;
        const auto ask = [&](std::optional<std::uint64_t> index) {
            result_of(consul.io, consul.source->ask(query("web"), index, [&] { ++announced; }));
        };
        ask(std::nullopt);
        CHECK(announced == 1);
        ask(7);
        CHECK(announced == 2);
        ask(std::nullopt);
        CHECK(announced == 3);
    }

    TEST_CASE("a redirect is not followed") {
        Consul consul({respond(301, "Location: /v1/health/service/web\r\n", "elsewhere"),
                       respond(200, good, list)});
        CHECK(consul.ask() ==
              "consul-error: Consul answers 301: elsewhere; is this Consul's HTTP address?");
        CHECK(consul.server.requests().size() == 1);
    }

    TEST_CASE("an agent that can't be reached, or stops in mid-answer") {
        struct Row {
            Act act;
            std::string doubt;
            std::string text;
        };
        const std::string connections =
            " (if others reach the agent, its limits.http_max_conns_per_client (200) may be used "
            "up)";
        const std::string head = "HTTP/1.1 200 OK\r\n" + good;
        const std::string whole = respond(200, good, list).bytes;
        const std::vector<Row> rows{
            {hang_up(), "consul-unreachable", "Empty reply from server" + connections},
            {Act("", Then::reset), "consul-unreachable",
             "Recv failure: Connection reset by peer" + connections},
            {hang_up(whole.substr(0, whole.size() - 1)), "unreadable-answer",
             "the answer was cut off"},
            {hang_up(head + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n"), "unreadable-answer",
             "the answer was cut off"},
            {respond(200, good, "[" + std::string(999, ' ') + "]"), "unreadable-answer",
             "the answer is longer than 1000 bytes"},
        };
        for (const Row& row : rows) {
            Consul consul({row.act});
            CHECK(consul.ask() == row.doubt + ": " + consul.server.base() + ": " + row.text);
        }
        // Without any length the end of the connection is the end of the body.
        CHECK(hear(hang_up(head + "\r\n" + list)) == a_on_n1 + "[index 7]");
        CHECK(hear(hang_up(head + "\r\n[")).starts_with("unreadable-answer: "));
    }

    TEST_CASE("an agent that is not there") {
        asio::io_context io;
        net::HttpOptions options;
        options.base = "http://127.0.0.1:" + std::to_string(free_port());
        options.token = "the-secret";
        const auto source = catalog::consul_source(io.get_executor(), options, catalog::Scope());
        const std::string heard = describe(result_of(io, source->ask(query("web"), 5, {})));
        CHECK(heard.starts_with("consul-unreachable: " + options.base + ": Failed to connect"));
        CHECK(heard.ends_with(" (is the agent running, and is this its HTTP address?)"));
        CHECK(heard.find("the-secret") == std::string::npos);
    }

    TEST_CASE("neither blocking queries nor quick ones wait for a blocking one") {
        Act act = respond(200, good, list);
        act.after_requests = 4;
        Consul consul({act, act, act, respond(200, good, list)});
        int answers = 0;
        std::vector<net::Task> tasks;
        for (const Index index : {Index(5), Index(5), Index(5), Index()})
            tasks.push_back(net::spawn(consul.io.get_executor(),
                                       count_answer(*consul.source, "web", index, answers)));
        run_until(consul.io, [&] { return answers == 4; });
    }

    TEST_CASE("many first queries at once leave Consul its connections") {
        Act act = respond(200, good, list);
        act.after_requests = 50;
        Consul consul({act});
        int answers = 0;
        std::vector<net::Task> tasks;
        for (int i = 0; i < 50; ++i)
            tasks.push_back(net::spawn(consul.io.get_executor(),
                                       count_answer(*consul.source, "web", {}, answers)));
        run_until(consul.io, [&] { return answers == 50; });
        run_until(consul.io, [&] { return consul.server.open_connections() <= 2; });
    }

    TEST_CASE("blocking queries keep their connections, however many they are") {
        Act act = respond(200, good, list);
        act.after_requests = 20;
        Consul consul({act});
        int answers = 0;
        for (int round = 1; round <= 3; ++round) {
            std::vector<net::Task> tasks;
            for (int i = 0; i < 20; ++i)
                tasks.push_back(net::spawn(consul.io.get_executor(),
                                           count_answer(*consul.source, "web", 5, answers)));
            run_until(consul.io, [&] { return answers == 20 * round; });
        }
        CHECK(consul.server.connections() == 20);
    }
}
