// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"
#include "slotd/net/socket_address.hpp"

#include <asio/error_code.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace slotd::net {

/// What went wrong with a connection to HAProxy, and what to do about it. `doing` begins the text:
/// "can't connect".
model::Error broken(const SocketAddress& to, const asio::error_code& error, std::string_view doing);

/// `what` begins the text: "no whole answer".
model::Error too_late(const SocketAddress& to, std::string_view what,
                      std::chrono::milliseconds deadline, std::string hint);

}  // namespace slotd::net
