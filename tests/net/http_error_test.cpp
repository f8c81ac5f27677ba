// SPDX-License-Identifier: MIT
#include "faults.hpp"
#include "slotd/net/http.hpp"
#include "support/http_server.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using model::ErrorKind;

namespace {

struct FailingClient {
    asio::io_context io;
    net::HttpOptions options;
    std::unique_ptr<net::HttpClient> http;

    model::Result<net::HttpResponse> get(milliseconds timeout = patience) {
        if (!http)
            http = std::make_unique<net::HttpClient>(io.get_executor(), options);
        return result_of(io, http->get(net::HttpRequest("/v1/x", timeout)));
    }

    /// Of a response, or why there is none.
    std::string body() {
        const auto response = get();
        return response ? response->body : to_string(response.error());
    }

    model::Error error(milliseconds timeout = patience) {
        const auto response = get(timeout);
        return response ? model::Error(ErrorKind::usage, "none") : response.error();
    }
};

const std::string connections_hint =
    " (if others reach the agent, its limits.http_max_conns_per_client (200) may be used up)";

/// A client as slotd holds it: in what its coroutines share.
asio::awaitable<void> get_and_hold(std::shared_ptr<net::HttpClient> http, milliseconds timeout,
                                   std::shared_ptr<bool> went_on) {
    const auto response = co_await http->get(net::HttpRequest("/", timeout));
    *went_on = true;
}

// The loop takes both timers up at once: the first begins a transfer, for which curl sets a timer
// of 0 ms; the second cancels. The end of the transfer is queued then, and curl's timer behind it.
asio::awaitable<void> begin_and_be_cancelled(std::shared_ptr<net::HttpClient> http,
                                             std::shared_ptr<net::Task> itself) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto now = std::chrono::steady_clock::now();
    asio::steady_timer second(executor, now + std::chrono::nanoseconds(1));
    second.async_wait([itself](const asio::error_code&) { *itself = net::Task(); });
    asio::steady_timer first(executor, now);
    co_await first.async_wait(asio::use_awaitable);
    const auto response = co_await http->get(net::HttpRequest("/", patience));
}

}  // namespace

TEST_SUITE("http errors") {
    TEST_CASE("nobody listens") {
        FailingClient client;
        const std::string port = std::to_string(free_port());
        client.options.base = "http://127.0.0.1:" + port;
        const model::Error error = client.error();
        CHECK(error.kind == ErrorKind::unreachable);
        CHECK(error.where == client.options.base);
        // curl's words go on with the time it took.
        CHECK(error.what.starts_with("Failed to connect to 127.0.0.1 port " + port));
        CHECK(error.hint == "is the agent running, and is this its HTTP address?");
    }

    TEST_CASE("a UNIX socket that is not there") {
        FailingClient client;
        const SocketPath path;
        client.options.base = "unix://" + path.text();
        const model::Error error = client.error();
        CHECK(error.kind == ErrorKind::unreachable);
        CHECK(to_string(error) ==
              client.options.base +
                  ": can't connect: No such file or directory (is the agent running, with unix:// "
                  "and this path in its addresses.http?)");
        { const HttpServer gone(client.io, {hang_up()}, path.endpoint()); }
        CHECK(to_string(client.error()) ==
              client.options.base +
                  ": can't connect: Connection refused (nobody listens on this socket file: the "
                  "agent may have stopped)");
    }

    TEST_CASE("a host name nobody knows") {
        FailingClient client;
        client.options.base = "http://no-such-host.invalid:8500";
        CHECK(to_string(client.error()) ==
              "http://no-such-host.invalid:8500: Could not resolve host: no-such-host.invalid (the "
              "host name is not known: see consul.address or CONSUL_HTTP_ADDR)");
    }

    TEST_CASE("a connection that ends in mid-answer") {
        struct Row {
            Act act;
            ErrorKind kind;
            std::string text;
        };
        const std::string head = "HTTP/1.1 200 OK\r\n";
        const std::vector<Row> rows{
            {hang_up(), ErrorKind::unreachable, "Empty reply from server" + connections_hint},
            {Act("", Then::reset), ErrorKind::unreachable,
             "Recv failure: Connection reset by peer" + connections_hint},
            {hang_up(head + "Content-Length: 100\r\n\r\n[{"), ErrorKind::unreadable,
             "the answer was cut off"},
            {hang_up(head + "Transfer-Encoding: chunked\r\n\r\n2\r\n[{\r\n"), ErrorKind::unreadable,
             "the answer was cut off"},
            {hang_up(head + "Transfer-Encoding: chunked\r\n\r\n20\r\n[{"), ErrorKind::unreadable,
             "the answer was cut off"},
        };
        for (const Row& row : rows) {
            FailingClient client;
            const HttpServer server(client.io, {row.act});
            client.options.base = server.base();
            const model::Error error = client.error();
            CHECK(error.kind == row.kind);
            CHECK(to_string(error) == server.base() + ": " + row.text);
        }
    }

    TEST_CASE("a server that speaks something else") {
        FailingClient client;
        const HttpServer server(client.io, {hang_up("\x15\x03\x01\x02\x02\x16")});
        client.options.base = server.base();
        CHECK(to_string(client.error()) == server.base() + ": Received HTTP/0.9 when not allowed");
    }

    TEST_CASE("a body of just the bound is whole, a longer one is an error, chunked or not") {
        struct Row {
            Act act;
            std::string expected;
        };
        const std::string too_long = ": the answer is longer than 10 bytes";
        const std::string chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n78901\r\n";
        const std::vector<Row> rows{
            {respond(200, "", "1234567890"), "1234567890"},
            {respond(200, "", "12345678901"), too_long},
            {Act(chunked, Then::hang), too_long},
        };
        for (const Row& row : rows) {
            FailingClient client;
            const HttpServer server(client.io, {row.act});
            client.options.base = server.base();
            client.options.most_body = 10;
            const auto response = client.get();
            if (response)
                CHECK(response->body == row.expected);
            else {
                CHECK(response.error().kind == ErrorKind::unreadable);
                CHECK(to_string(response.error()) == server.base() + row.expected);
            }
        }
    }

    TEST_CASE("a server that is silent, or stops in mid-answer, is left at the timeout") {
        for (const std::string bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"}) {
            FailingClient client;
            const HttpServer server(client.io, {Act(bytes, Then::hang)});
            client.options.base = server.base();
            const model::Error error = client.error(milliseconds(100));
            CHECK(error.kind == ErrorKind::timeout);
            CHECK(to_string(error) == server.base() + ": no answer within 100 ms");
            run_until(client.io, [&] { return server.open_connections() == 0; });
        }
    }

    TEST_CASE("a server that takes no connection is left at the time for that") {
        FailingClient client;
        asio::ip::tcp::acceptor full(client.io);
        full.open(asio::ip::tcp::v4());
        full.bind(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        full.listen(0);
        // What fits into the backlog is connected although nobody accepts it.
        std::vector<asio::ip::tcp::socket> waiting;
        for (int i = 0; i < 4; ++i) {
            waiting.emplace_back(client.io);
            waiting.back().async_connect(full.local_endpoint(), [](const asio::error_code&) {});
        }
        client.options.base = "http://127.0.0.1:" + std::to_string(full.local_endpoint().port());
        client.options.connect_timeout = milliseconds(100);
        const model::Error error = client.error();
        CHECK(error.kind == ErrorKind::timeout);
        CHECK(to_string(error) == client.options.base + ": no connection within 100 ms");
    }

    TEST_CASE("after an error the next request works") {
        FailingClient client;
        const HttpServer server(client.io, {hang_up(), Act("", Then::reset), Act("", Then::hang),
                                            respond(200, "", "x")});
        client.options.base = server.base();
        for (int i = 0; i < 3; ++i) CHECK_FALSE(client.get(milliseconds(50)));
        CHECK(client.body() == "x");
    }

    TEST_CASE("a connection that the system does not watch is an error, and the next is as good") {
        FailingClient client;
        const HttpServer server(client.io, {respond(200, "", "x")});
        client.options.base = server.base();
        run_for(client.io, milliseconds(1));  // what the loop itself needs is watched
        client.http = std::make_unique<net::HttpClient>(client.io.get_executor(), client.options);
        refuse_next_watch();
        const model::Error error = client.error();
        REQUIRE(has_refused_watch());
        CHECK(error.kind == ErrorKind::unreachable);
        CHECK(to_string(error) ==
              client.options.base +
                  ": its connection can't be watched: No space left on device (see the limits of "
                  "this process, and `sysctl fs.epoll.max_user_watches`)");
        CHECK(client.body() == "x");
    }

    TEST_CASE("a transfer that curl does not take is an error, and the next is as good") {
        FailingClient client;
        const HttpServer server(client.io, {respond(200, "", "x")});
        client.options.base = server.base();
        refuse_next_transfer();
        CHECK(to_string(client.error()) == client.options.base + ": Out of memory");
        CHECK(client.body() == "x");
    }

    TEST_CASE("cancelled, a request closes its connection and its caller never goes on") {
        asio::io_context io;
        const auto went_on = std::make_shared<bool>(false);
        const HttpServer server(
            io, {Act("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{", Then::hang)});
        net::HttpOptions options;
        options.base = server.base();
        const auto http = std::make_shared<net::HttpClient>(io.get_executor(), options);
        {
            const net::Task task =
                net::spawn(io.get_executor(), get_and_hold(http, patience, went_on));
            run_until(io, [&] { return server.requests().size() == 1; });
            CHECK(server.open_connections() == 1);
        }
        run_until(io, [&] { return server.open_connections() == 0; });
        CHECK_FALSE(*went_on);
        CHECK(http.use_count() == 1);
    }

    TEST_CASE("a client may be destroyed while a timer of curl's is due") {
        asio::io_context io;
        const HttpServer server(io, {Act("", Then::hang)});
        net::HttpOptions options;
        options.base = server.base();
        const auto task = std::make_shared<net::Task>();
        *task =
            net::spawn(io.get_executor(),
                       begin_and_be_cancelled(
                           std::make_shared<net::HttpClient>(io.get_executor(), options), task));
        run_for(io, milliseconds(10));
        CHECK(server.requests().empty());
    }

    TEST_CASE("a client may be destroyed with idle connections") {
        asio::io_context io;
        const HttpServer server(io, {respond(200, "", "x")});
        net::HttpOptions options;
        options.base = server.base();
        {
            net::HttpClient http(io.get_executor(), options);
            REQUIRE(result_of(io, http.get(net::HttpRequest("/", patience))));
            CHECK(server.open_connections() == 1);
        }
        run_until(io, [&] { return server.open_connections() == 0; });
    }
}
