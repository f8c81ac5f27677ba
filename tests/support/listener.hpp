// SPDX-License-Identifier: MIT
// A server on loopback or a UNIX path, in the loop of the test.
#pragma once

#include "slotd/net/spawn.hpp"

#include <asio/basic_socket_acceptor.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/system_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace slotd::testing {

using Endpoint = asio::generic::stream_protocol::endpoint;
using Socket = asio::generic::stream_protocol::socket;

inline Endpoint on_loopback(const char* address = "127.0.0.1") {
    return asio::ip::tcp::endpoint(asio::ip::make_address(address), 0);
}

/// A path for a socket, removed with all that is there.
class SocketPath {
  public:
    SocketPath() {
        std::string folder = "/tmp/slotd-test-XXXXXX";
        if (mkdtemp(folder.data()) == nullptr)
            throw std::runtime_error("no folder for a socket");
        folder_ = folder;
    }
    ~SocketPath() {
        unlink(text().c_str());
        rmdir(folder_.c_str());
    }
    SocketPath(const SocketPath&) = delete;
    SocketPath& operator=(const SocketPath&) = delete;

    std::string text() const { return folder_ + "/s"; }
    Endpoint endpoint() const { return asio::local::stream_protocol::endpoint(text()); }

  private:
    std::string folder_;
};

/// Gives each connection to a coroutine, whose end closes it. Destroyed, it ends them all.
class Listener {
  public:
    using Serve = std::function<asio::awaitable<void>(std::shared_ptr<Socket>)>;

    Listener(asio::io_context& io, const Endpoint& at, Serve serve)
        : state_(std::make_shared<State>(io, at, std::move(serve))),
          accepting_(net::spawn(io.get_executor(), accept(state_))) {}
    ~Listener() {
        asio::error_code ignored;
        state_->acceptor.close(ignored);
        state_->sessions.clear();
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const {
        const Endpoint at = state_->acceptor.local_endpoint();
        // At the same place in an IPv6 address.
        return ntohs(reinterpret_cast<const sockaddr_in*>(at.data())->sin_port);
    }

    /// How many connections there were, and how many are still open.
    std::size_t accepted() const { return state_->sessions.size(); }
    std::size_t open() const {
        return static_cast<std::size_t>(
            std::count_if(state_->sessions.begin(), state_->sessions.end(),
                          [](const net::Task& session) { return !session.done(); }));
    }

  private:
    struct State {
        asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor;
        Serve serve;
        std::vector<net::Task> sessions;

        State(asio::io_context& io, const Endpoint& at, Serve serve_)
            : acceptor(io, at), serve(std::move(serve_)) {}
    };

    static asio::awaitable<void> accept(std::shared_ptr<State> state) {
        for (;;) {
            auto socket = std::make_shared<Socket>(state->acceptor.get_executor());
            asio::error_code error;
            co_await state->acceptor.async_accept(*socket,
                                                  asio::redirect_error(asio::use_awaitable, error));
            if (error)
                co_return;
            state->sessions.push_back(
                net::spawn(state->acceptor.get_executor(), session(state->serve, socket)));
        }
    }

    // A client that goes away is no fault of the server.
    static asio::awaitable<void> session(Serve serve, std::shared_ptr<Socket> socket) {
        try {
            co_await serve(socket);
        } catch (const asio::system_error&) {
        }
    }

    std::shared_ptr<State> state_;
    net::Task accepting_;
};

/// Waits until the peer closes.
inline asio::awaitable<void> read_to_end(std::shared_ptr<Socket> socket) {
    std::array<char, 65536> some{};
    asio::error_code error;
    while (!error)
        co_await socket->async_read_some(asio::buffer(some),
                                         asio::redirect_error(asio::use_awaitable, error));
}

/// Closes so that the peer sees a reset.
inline void reset(Socket& socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
}

/// A loopback port on which nobody listens.
inline std::uint16_t free_port() {
    asio::io_context io;
    const asio::ip::tcp::acceptor acceptor(
        io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
}

}  // namespace slotd::testing
