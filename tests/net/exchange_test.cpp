// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"
#include "support/listener.hpp"
#include "support/loop.hpp"

#include <asio/buffer.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>

#include <algorithm>
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

constexpr milliseconds late_by(100);

/// Each line by itself, as HAProxy does; "slow" late, "hang" never, "quit" with the end. After
/// "late" the loop stands still: a deadline runs out in the turn in which the answer comes.
asio::awaitable<void> answer_each_line(std::shared_ptr<Socket> socket) {
    std::string lines;
    asio::error_code error;
    for (;;) {
        const std::size_t length =
            co_await asio::async_read_until(*socket, asio::dynamic_buffer(lines), "\n",
                                            asio::redirect_error(asio::use_awaitable, error));
        const std::string line = lines.substr(0, length);
        lines.erase(0, length);
        if (error || line == "quit\n")
            co_return;
        if (line == "hang\n")
            break;
        if (line == "slow\n") {
            asio::steady_timer timer(socket->get_executor(), milliseconds(20));
            co_await timer.async_wait(asio::use_awaitable);
        }
        const std::string reply = "ok " + line;
        if (line == "late\n") {
            asio::write(*socket, asio::buffer(reply));
            const auto until = std::chrono::steady_clock::now() + late_by;
            while (std::chrono::steady_clock::now() < until) {
            }
            continue;
        }
        co_await asio::async_write(*socket, asio::buffer(reply), asio::use_awaitable);
    }
    co_await read_to_end(socket);
}

/// So long that its many replies are not waited for one by one.
std::string many_lines(const std::string& last) {
    std::string lines;
    for (int i = 0; i < 1000; ++i) lines += "line " + std::to_string(i) + "\n";
    return lines + last + "\n";
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

asio::awaitable<void> exchange_then_note(net::SocketAddress to, std::string request,
                                         std::shared_ptr<bool> noted) {
    const net::Exchange exchange = co_await net::exchange(to, std::move(request), patience, plenty);
    *noted = true;
}

/// One connection, asked as often as one likes.
struct Talk {
    asio::io_context io;
    SocketPath path;
    Listener server{io, path.endpoint(), answer_each_line};
    net::Conversation conversation{io.get_executor(), address(path.text())};

    net::Exchange ask(std::string request, const std::string& until,
                      milliseconds deadline = patience) {
        net::IsWhole is_whole = [until](std::string_view received) {
            return received.ends_with(until);
        };
        return result_of(
            io, conversation.ask(std::move(request), deadline, plenty, std::move(is_whole)));
    }
};

asio::awaitable<void> ask_late_then_slow(Talk& talk, bool& both) {
    net::IsWhole first = [](std::string_view received) { return received.ends_with("\n"); };
    net::IsWhole second = first;
    const net::Exchange late =
        co_await talk.conversation.ask("late\n", late_by / 2, plenty, std::move(first));
    const net::Exchange slow =
        co_await talk.conversation.ask("slow\n", patience, plenty, std::move(second));
    both = late.received == "ok late\n" && slow.received == "ok slow\n" && !slow.broken;
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
        CHECK(error.starts_with(
            "socket tcp://no-such-host.invalid:80: can't look its host name up: Host not "));
        CHECK(error.ends_with(" (is this host name known here? `getent hosts` tells)"));
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
            const std::string error = client.error(to, milliseconds(0));
            const bool is_told =
                error == "socket " + to +
                             ": its host name was not looked up within 0 ms (the name servers of "
                             "/etc/resolv.conf are slow or silent; an address in digits needs "
                             "none)" ||
                error == "socket " + to +
                             ": no whole answer within 0 ms (HAProxy may hang, or all its stats "
                             "connections are taken)";
            CHECK_MESSAGE(is_told, error);
            run_for(client.io, milliseconds(5));
            connected = server.accepted() - before;
        }
        CHECK(connected == 0);
    }

    TEST_CASE("cancelled, it closes the connection and its caller never goes on") {
        Client client;
        const auto noted = std::make_shared<bool>(false);
        const Listener server(client.io, on_loopback(), say_nothing);
        const SocketPath path;
        const Listener on_path(client.io, path.endpoint(), answer_each_line);
        {
            const net::Task task =
                net::spawn(client.io.get_executor(),
                           exchange_then_note(address(on_port(server.port())), "hello\n", noted));
            const net::Task many =
                net::spawn(client.io.get_executor(),
                           exchange_then_note(address(path.text()), many_lines("hang"), noted));
            run_until(client.io, [&] { return server.open() == 1 && on_path.open() == 1; });
        }
        run_until(client.io, [&] { return server.open() == 0 && on_path.open() == 0; });
        CHECK_FALSE(*noted);
    }
}

TEST_SUITE("conversation") {
    TEST_CASE("the replies to many lines are read as they come, and it goes on after them") {
        Talk talk;
        const net::Exchange many = talk.ask(many_lines("last"), "ok last\n");
        CHECK_FALSE(many.broken);
        CHECK(std::count(many.received.begin(), many.received.end(), '\n') == 1001);
        CHECK(many.received.starts_with("ok line 0\nok line 1\n"));
        CHECK(talk.ask("more\n", "\n").received == "ok more\n");
        const net::Exchange again = talk.ask(many_lines("last"), "ok last\n");
        CHECK(again.received == many.received);
        CHECK(talk.server.accepted() == 1);
    }

    TEST_CASE("a peer that takes its time in the middle of many replies is waited for") {
        Talk talk;
        const net::Exchange many = talk.ask(many_lines("slow") + many_lines("last"), "ok last\n");
        CHECK_FALSE(many.broken);
        CHECK(std::count(many.received.begin(), many.received.end(), '\n') == 2002);
        CHECK(talk.ask("more\n", "\n").received == "ok more\n");
    }

    TEST_CASE("a peer that hangs, or ends, after many replies is left as any other") {
        Talk talk;
        const net::Exchange hung = talk.ask(many_lines("hang"), "ok last\n", milliseconds(200));
        REQUIRE(hung.broken);
        CHECK(hung.broken->kind == model::ErrorKind::timeout);
        CHECK(hung.received.ends_with("ok line 999\n"));
        Talk ended;
        const net::Exchange closed = ended.ask(many_lines("quit"), "ok last\n");
        CHECK_FALSE(closed.broken);
        CHECK(closed.received.ends_with("ok line 999\n"));
    }

    TEST_CASE("the deadline of a question that was answered is over") {
        Talk talk;
        CHECK(talk.ask("slow\n", "\n", milliseconds(500)).received == "ok slow\n");
        run_for(talk.io, milliseconds(600));
        const net::Exchange more = talk.ask("more\n", "\n");
        CHECK_FALSE(more.broken);
        CHECK(more.received == "ok more\n");
        CHECK(talk.server.accepted() == 1);
    }

    TEST_CASE("a deadline that runs out as the answer comes does not end the next question") {
        Talk talk;
        bool both = false;
        const net::Task task = net::spawn(talk.io.get_executor(), ask_late_then_slow(talk, both));
        run_until(talk.io, [&] { return task.done(); });
        CHECK(both);
    }

    TEST_CASE("what is made ready connects with its first question") {
        Talk talk;
        talk.conversation.get_ready();
        talk.conversation.get_ready();
        run_for(talk.io, milliseconds(1));
        CHECK(talk.server.accepted() == 0);
        REQUIRE(talk.conversation.begin("hello\n"));
        CHECK(talk.ask("", "\n").received == "ok hello\n");
        net::Conversation nowhere(talk.io.get_executor(), address("/nowhere/h.sock"));
        nowhere.get_ready();
        CHECK_FALSE(nowhere.begin("hello\n"));
    }
}
