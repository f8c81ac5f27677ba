// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"
#include "slotd/model/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace slotd::admin {

/// Where slotd can be asked: a UNIX socket, or a port of a loopback address.
class ListenAddress {
  public:
    /// "127.0.0.1:8399", "[::1]:8399", "localhost:8399" (127.0.0.1), "unix:/run/slotd/admin.sock".
    static model::Result<ListenAddress> parse(std::string_view text);

    bool is_unix() const { return !at_; }
    const std::string& path() const { return path_; }
    const model::AddressPort& at() const { return *at_; }
    /// As it was written, printable.
    const std::string& text() const { return text_; }

    bool operator==(const ListenAddress&) const = default;

  private:
    ListenAddress() = default;

    std::string text_;
    std::string path_;
    std::optional<model::AddressPort> at_;
};

}  // namespace slotd::admin
