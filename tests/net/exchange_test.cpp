// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"
#include "support/listener.hpp"
#include "support/loop.hpp"

#include <asio/buffer.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t plenty = 64U << 20;
constexpr std::size_t more_than_buffers = 8U << 20;

asio::awaitable<void> repeat_a_line(std::shared_ptr<Socket> socket) {
    std::string line;
    co_await asio::async_read_until(*socket, asio::dynamic_buffer(line), "\n", asio::use_awaitable);
    line = "you said: " + line;
    co_await asio::async_write(*socket, asio::buffer(line), asio::use_awaitable);
}

asio::awaitable<void> write_all_then_read(std::shared_ptr<Socket> socket) {
    const std::string reply(more_than_buffers, 'r');
    co_await asio::async_write(*socket, asio::buffer(reply), asio::use_awaitable);
    std::string request(more_than_buffers, '\0');
    co_await asio::async_read(*socket, asio::buffer(request), asio::use_awaitable);
    const std::string verdict =
        request == std::string(more_than_buffers, 'q') ? " whole" : " broken";
    co_await asio::async_write(*socket, asio::buffer(verdict), asio::use_awaitable);
}

asio::awaitable<void> say_nothing(std::shared_ptr<Socket> socket) {
    co_await read_to_end(socket);
}

asio::awaitable<void> answer_half_and_hang(std::shared_ptr<Socket> socket) {
    const std::string half = "half of ";
    co_await asio::async_write(*socket, asio::buffer(half), asio::use_awaitable);
    co_await read_to_end(socket);
}

asio::awaitable<void> reset_after_half(std::shared_ptr<Socket> socket) {
    std::string line;
    co_await asio::async_read_until(*socket, asio::dynamic_buffer(line), "\n", asio::use_awaitable);
    reset(*socket);
}

asio::awaitable<void> answer_unasked(std::shared_ptr<Socket> socket) {
    const std::string reply = "busy\n";
    co_await asio::async_write(*socket, asio::buffer(reply), asio::use_awaitable);
}

asio::awaitable<void> answer_1000(std::shared_ptr<Socket> socket) {
    const std::string reply(1000, 'x');
    co_await asio::async_write(*socket, asio::buffer(reply), asio::use_awaitable);
    socket->shutdown(Socket::shutdown_send);
    co_await read_to_end(socket);
}

net::SocketAddress address(const std::string& text) {
    return *net::SocketAddress::parse(text);
}

std::string on_port(std::uint16_t port) {
    return "tcp://127.0.0.1:" + std::to_string(port);
}

struct Client {
    asio::io_context io;

    net::Exchange exchange(const std::string& to, std::string request,
                           milliseconds deadline = patience, std::size_t most = plenty) {
        return result_of(io, net::exchange(address(to), std::move(request), deadline, most));
    }

    std::string error(const std::string& to, milliseconds deadline = patience) {
        const net::Exchange exchange = this->exchange(to, "hello\n", deadline);
        return exchange.broken ? to_string(*exchange.broken) : "none";
    }
};

asio::awaitable<void> exchange_then_note(net::SocketAddress to, std::shared_ptr<bool> noted) {
    const net::Exchange exchange = co_await net::exchange(to, "hello\n", patience, plenty);
    *noted = true;
}

}  // namespace

TEST_SUITE("exchange") {
    TEST_CASE("all that the peer sends until it closes, over a UNIX socket and over TCP") {
        Client client;
        const SocketPath path;
        const Listener on_path(client.io, path.endpoint(), repeat_a_line);
        const Listener on_v4(client.io, on_loopback(), repeat_a_line);
        const Listener on_v6(client.io, on_loopback("::1"), repeat_a_line);
        for (const std::string& to : {path.text(), "unix://" + path.text(), on_port(on_v4.port()),
                                      "tcp://localhost:" + std::to_string(on_v4.port()),
                                      "tcp://[::1]:" + std::to_string(on_v6.port())}) {
            CAPTURE(to);
            const net::Exchange exchange = client.exchange(to, "hello\n");
            CHECK(exchange.received == "you said: hello\n");
            CHECK_FALSE(exchange.broken);
        }
    }

    TEST_CASE("a long reply arrives while a long request is written") {
        Client client;
        const SocketPath path;
        const Listener on_path(client.io, path.endpoint(), write_all_then_read);
        const Listener on_tcp(client.io, on_loopback(), write_all_then_read);
        const std::string expected = std::string(more_than_buffers, 'r') + " whole";
        for (const std::string& to : {path.text(), on_port(on_tcp.port())}) {
            const net::Exchange exchange = client.exchange(to, std::string(more_than_buffers, 'q'));
            CHECK_FALSE(exchange.broken);
            const bool is_whole = exchange.received == expected;
            CHECK(is_whole);
        }
    }

    TEST_CASE("a peer that answers without reading is heard") {
        Client client;
        const SocketPath path;
        const Listener server(client.io, path.endpoint(), answer_unasked);
        CHECK(client.exchange(path.text(), "hello\n").received == "busy\n");
    }

    TEST_CASE("a peer that hangs is left at the deadline, and what it said is kept") {
        Client client;
        const Listener server(client.io, on_loopback(), answer_half_and_hang);
        const net::Exchange exchange =
            client.exchange(on_port(server.port()), "hello\n", milliseconds(100));
        CHECK(exchange.received == "half of ");
        REQUIRE(exchange.broken);
        CHECK(exchange.broken->kind == model::ErrorKind::timeout);
        CHECK(to_string(*exchange.broken) ==
              "socket " + on_port(server.port()) +
                  ": no whole answer within 100 ms (HAProxy may hang, or all its stats connections "
                  "are taken)");
        run_until(client.io, [&] { return server.open() == 0; });
    }

    TEST_CASE("a connection that breaks is an error, one that the peer closes is not") {
        Client client;
        const Listener server(client.io, on_loopback(), reset_after_half);
        const net::Exchange exchange = client.exchange(on_port(server.port()), "hello\n");
        REQUIRE(exchange.broken);
        CHECK(exchange.broken->kind == model::ErrorKind::unreachable);
        CHECK(to_string(*exchange.broken) ==
              "socket " + on_port(server.port()) +
                  ": the connection broke: Connection reset by peer");
    }

    TEST_CASE("a socket nobody listens on is an error with what to do") {
        Client client;
        const std::string nobody = on_port(free_port());
        CHECK(client.error(nobody) ==
              "socket " + nobody +
                  ": can't connect: Connection refused (nobody listens there: is HAProxy running, "
                  "with a `stats socket` on this address?)");

        const SocketPath path;
        CHECK(client.error(path.text()) ==
              "socket " + path.text() +
                  ": can't connect: No such file or directory (is HAProxy running, and is this the "
                  "path of a `stats socket` line of its configuration?)");
        { const Listener gone(client.io, path.endpoint(), say_nothing); }
        CHECK(
            client.error("unix://" + path.text()) ==
            "socket unix://" + path.text() +
                ": can't connect: Connection refused (nobody listens on this socket file: HAProxy "
                "may have stopped)");
    }

    TEST_CASE("a host name nobody knows is an error") {
        Client client;
        const std::string error = client.error("tcp://no-such-host.invalid:80");
        CHECK(error.starts_with("socket tcp://no-such-host.invalid:80: can't connect: Host not "));
    }

    TEST_CASE("a reply of just the bound is whole, a longer one is an error") {
        Client client;
        const Listener server(client.io, on_loopback(), answer_1000);
        const std::string to = on_port(server.port());
        CHECK_FALSE(client.exchange(to, "hello\n", patience, 1000).broken);
        const net::Exchange exchange = client.exchange(to, "hello\n", patience, 999);
        REQUIRE(exchange.broken);
        CHECK(exchange.broken->kind == model::ErrorKind::unreadable);
        CHECK(to_string(*exchange.broken) ==
              "socket " + to + ": the answer is longer than 999 bytes");
    }

    TEST_CASE("nothing connects after the deadline, even when it came while a name was looked up") {
        Client client;
        const Listener server(client.io, on_loopback(), say_nothing);
        const std::string to = "tcp://localhost:" + std::to_string(server.port());
        // The look-up may be over before the deadline is noticed: then once more.
        std::size_t connected = 1;
        for (int tries = 0; connected > 0 && tries < 10; ++tries) {
            const std::size_t before = server.accepted();
            CHECK(client.error(to, milliseconds(0)) ==
                  "socket " + to +
                      ": no whole answer within 0 ms (HAProxy may hang, or all its stats "
                      "connections are taken)");
            run_for(client.io, milliseconds(5));
            connected = server.accepted() - before;
        }
        CHECK(connected == 0);
    }

    TEST_CASE("cancelled, it closes the connection and its caller never goes on") {
        Client client;
        const auto noted = std::make_shared<bool>(false);
        const Listener server(client.io, on_loopback(), say_nothing);
        {
            const net::Task task =
                net::spawn(client.io.get_executor(),
                           exchange_then_note(address(on_port(server.port())), noted));
            run_until(client.io, [&] { return server.open() == 1; });
        }
        run_until(client.io, [&] { return server.open() == 0; });
        CHECK_FALSE(*noted);
    }
}
