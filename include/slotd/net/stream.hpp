// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"
#include "slotd/net/socket_address.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::net {

/// What one connection gave: everything received, and why it ended early, if it did.
struct Exchange {
    std::string received;
    std::optional<model::Error>
        broken;  ///< unreachable, timeout, or unreadable when `most` bytes were passed

    Exchange() = default;
};

/// Whether all of an answer is there; it is asked again as more of it comes, always from its start.
using IsWhole = std::function<bool(std::string_view received)>;

/// A connection on which one asks, reads the answer, and asks again. It closes with the object.
class Conversation {
  public:
    /// Connects with the first question.
    Conversation(asio::any_io_executor executor, SocketAddress to);
    ~Conversation();
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    /// Does ahead of time what can be done without connecting. For when the first question, once it
    /// comes, is urgent.
    void get_ready();

    /// Connects, if that is not done yet, and begins to write `request`, without waiting for
    /// anything; `ask` with an empty request then reads the answer. False when it would have to
    /// wait, or when it can't: `request` is to be asked with `ask` then.
    bool begin(std::string request);

    /// Writes `request` while it reads (so that neither side's buffer can block both), until the
    /// answer is whole or the peer closes. Throws only when it is cancelled; `deadline` is for the
    /// whole, from the look-up of a host name on. After a `broken` exchange there is nothing more
    /// to ask. On a UNIX socket the loop waits with it for a moment (0.3 ms) before it turns to
    /// others.
    asio::awaitable<Exchange> ask(std::string request, std::chrono::milliseconds deadline,
                                  std::size_t most, IsWhole is_whole);

  private:
    struct Connection;
    SocketAddress to_;
    std::shared_ptr<Connection> connection_;
};

/// One question on a connection of its own; the answer ends when the peer closes.
asio::awaitable<Exchange> exchange(SocketAddress to, std::string request,
                                   std::chrono::milliseconds deadline, std::size_t most);

}  // namespace slotd::net
