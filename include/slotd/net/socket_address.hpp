// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <cstdint>
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
    /// With or without its scheme or brackets; links and names of one host are not looked into.
    bool is_same_place(const SocketAddress& other) const {
        return host_ == other.host_ && port_ == other.port_;
    }

  private:
    SocketAddress() = default;

    std::string text_;
    std::string host_;
    std::uint16_t port_ = 0;
};

}  // namespace slotd::net
