// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"
#include "support/listener.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

/// A UNIX socket that accepts nobody by itself, and whose listen queue is full.
class FullSocket {
  public:
    FullSocket() : listening_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        const Endpoint at = path_.endpoint();
        REQUIRE(bind(listening_, at.data(), static_cast<socklen_t>(at.size())) == 0);
        REQUIRE(listen(listening_, 0) == 0);
        for (;;) {
            const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
            open_.push_back(client);
            if (connect(client, at.data(), static_cast<socklen_t>(at.size())) != 0)
                break;
        }
        REQUIRE(errno == EAGAIN);
    }
    ~FullSocket() {
        for (const int one : open_) close(one);
        close(listening_);
    }
    FullSocket(const FullSocket&) = delete;
    FullSocket& operator=(const FullSocket&) = delete;

    net::SocketAddress address() const { return *net::SocketAddress::parse(path_.text()); }

    /// Answers everyone who waits now.
    void serve() {
        for (;;) {
            const int served = accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (served < 0)
                return;
            CHECK(write(served, "here\n", 5) == 5);
            shutdown(served, SHUT_WR);
            open_.push_back(served);
        }
    }

    void never_block() {
        const timeval moment{0, 1000};
        setsockopt(listening_, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
    }

  private:
    SocketPath path_;
    int listening_;
    std::vector<int> open_;  ///< clients, and who serves them
};

asio::awaitable<net::Exchange> ask(net::SocketAddress to, milliseconds deadline) {
    co_return co_await net::exchange(std::move(to), "who?\n", deadline, 1000);
}

}  // namespace

TEST_SUITE("full listen queue") {
    TEST_CASE("a place in it is waited for") {
        FullSocket socket;
        socket.never_block();
        asio::io_context io;
        const auto result = std::make_shared<std::optional<net::Exchange>>();
        const net::Task task =
            net::spawn(io.get_executor(), store(ask(socket.address(), 20s), result));
        run_for(io, 100ms);
        REQUIRE_FALSE(result->has_value());
        run_until(io, [&] {
            socket.serve();
            return result->has_value();
        });
        CHECK((*result)->received == "here\n");
    }

    TEST_CASE("until the deadline, and then it is silence as anywhere else") {
        FullSocket socket;
        asio::io_context io;
        const net::Exchange result = result_of(io, ask(socket.address(), 200ms));
        REQUIRE(result.broken);
        CHECK(to_string(*result.broken) ==
              "socket " + socket.address().text() +
                  ": no whole answer within 200 ms (HAProxy may hang, or all its stats connections "
                  "are taken)");
    }

    TEST_CASE("who waits may be cancelled") {
        FullSocket socket;
        asio::io_context io;
        const auto result = std::make_shared<std::optional<net::Exchange>>();
        net::Task task = net::spawn(io.get_executor(), store(ask(socket.address(), 20s), result));
        run_for(io, 20ms);
        task = net::Task();
        run_out(io);
        CHECK_FALSE(result->has_value());
    }
}
