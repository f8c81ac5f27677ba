// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::net {

/// Where a runtime socket is: a UNIX path, or a host and port.
class SocketAddress {
  public:
    /// "/run/haproxy/admin.sock", "unix:///run/..." or "tcp://host:port" (IPv6 in brackets).
    static model::Result<SocketAddress> parse(std::string_view text);

    bool is_unix() const { return port_ == 0; }
    const std::string& path() const { return host_; }
    const std::string& host() const { return host_; }
    std::uint16_t port() const { return port_; }
    /// As it was written, for messages.
    const std::string& text() const { return text_; }
    bool operator==(const SocketAddress&) const = default;

  private:
    SocketAddress() = default;

    std::string text_;
    std::string host_;
    std::uint16_t port_ = 0;
};

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

    /// Connects, if that is not done yet, and begins to write `request`, without waiting for
    /// anything; `ask` with an empty request then reads the answer. False when it would have to
    /// wait, or when it can't: `request` is to be asked with `ask` then.
    bool begin(std::string request);

    /// Writes `request` while it reads (so that neither side's buffer can block both), until the
    /// answer is whole or the peer closes. Throws only when it is cancelled; `deadline` is for the
    /// whole but the look-up of a host name, which can't be ended early. After a `broken` exchange
    /// there is nothing more to ask.
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
