// SPDX-License-Identifier: MIT
#include "names.hpp"
#include "slotd/net/stream.hpp"
#include "support/listener.hpp"
#include "support/loop.hpp"

#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <sys/resource.h>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> say_here(std::shared_ptr<Socket> socket) {
    std::string line;
    co_await asio::async_read_until(*socket, asio::dynamic_buffer(line), "\n", asio::use_awaitable);
    const std::string reply = "here\n";
    co_await asio::async_write(*socket, asio::buffer(reply), asio::use_awaitable);
}

asio::awaitable<net::Exchange> ask_host(std::string host, std::uint16_t port,
                                        milliseconds deadline) {
    const auto to = net::SocketAddress::parse("tcp://" + host + ":" + std::to_string(port));
    co_return co_await net::exchange(*to, "who?\n", deadline, 1000);
}

/// A question that is under way, and its answer once there is one.
struct HostQuestion {
    std::shared_ptr<std::optional<net::Exchange>> result =
        std::make_shared<std::optional<net::Exchange>>();
    net::Task task;

    HostQuestion(asio::io_context& io, std::string host, std::uint16_t port,
                 milliseconds deadline = 20s)
        : task(net::spawn(io.get_executor(),
                          store(ask_host(std::move(host), port, deadline), result))) {}
};

// It is another thread that comes there, which wakes no loop.
void wait_for_look_up(asio::io_context& io, const FakeNames& names) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (names.waiting() == 0 && std::chrono::steady_clock::now() < end) run_for(io, 1ms);
    REQUIRE(names.waiting() == 1);
}

/// While it lives the process can open nothing more.
class FilesForbidden {
  public:
    FilesForbidden() {
        REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit none{0, before_.rlim_max};
        REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    ~FilesForbidden() { setrlimit(RLIMIT_NOFILE, &before_); }
    FilesForbidden(const FilesForbidden&) = delete;
    FilesForbidden& operator=(const FilesForbidden&) = delete;

  private:
    rlimit before_{};
};

}  // namespace

TEST_SUITE("host names") {
    TEST_CASE("one that is looked up slowly holds up no other, and is reached when it is there") {
        asio::io_context io;
        const Listener server(io, on_loopback(), say_here);
        FakeNames names;
        const HostQuestion slow(io, "slow.test", server.port());
        wait_for_look_up(io, names);
        const HostQuestion quick(io, "quick.test", server.port());
        run_until(io, [&] { return quick.result->has_value(); });
        CHECK((*quick.result)->received == "here\n");
        CHECK(names.waiting() == 1);
        CHECK_FALSE(slow.result->has_value());

        names.answer();
        run_until(io, [&] { return slow.result->has_value(); });
        CHECK((*slow.result)->received == "here\n");
        CHECK_FALSE((*slow.result)->broken);
    }

    TEST_CASE("the deadline is for the look-up too, and the error says what was slow") {
        asio::io_context io;
        const Listener server(io, on_loopback(), say_here);
        FakeNames names;
        const net::Exchange result = result_of(io, ask_host("slow.test", server.port(), 50ms));
        REQUIRE(result.broken);
        CHECK(result.broken->kind == model::ErrorKind::timeout);
        CHECK(to_string(*result.broken) ==
              "socket tcp://slow.test:" + std::to_string(server.port()) +
                  ": its host name was not looked up within 50 ms (the name servers of "
                  "/etc/resolv.conf are slow or silent; an address in digits needs none)");
        names.answer();
        run_for(io, 20ms);
        CHECK(server.accepted() == 0);
    }

    TEST_CASE("who waits for a look-up may be cancelled: the loop has nothing left to do") {
        asio::io_context io;
        const Listener server(io, on_loopback(), say_here);
        FakeNames names;
        std::shared_ptr<std::optional<net::Exchange>> result;
        {
            const HostQuestion slow(io, "slow.test", server.port());
            result = slow.result;
            wait_for_look_up(io, names);
        }
        run_for(io, 1ms);
        CHECK(names.waiting() == 1);
        names.answer();
        run_for(io, 20ms);
        CHECK_FALSE(result->has_value());
        CHECK(server.accepted() == 0);
    }

    TEST_CASE("a loop may end before a look-up does") {
        std::shared_ptr<std::optional<net::Exchange>> result;
        FakeNames names;
        {
            asio::io_context io;
            const HostQuestion slow(io, "slow.test", 9);
            result = slow.result;
            wait_for_look_up(io, names);
        }
        CHECK(names.waiting() == 1);
        CHECK_FALSE(result->has_value());
    }

    TEST_CASE("a look-up that can't begin is an error") {
        asio::io_context io;
        run_for(io, 1ms);  // what the loop itself needs is open
        const FilesForbidden forbidden;
        const HostQuestion question(io, "quick.test", 9);
        run_until(io, [&] { return question.result->has_value(); });
        REQUIRE((*question.result)->broken);
        CHECK(to_string(*(*question.result)->broken) ==
              "socket tcp://quick.test:9: can't look its host name up: Too many open files");
    }
}
