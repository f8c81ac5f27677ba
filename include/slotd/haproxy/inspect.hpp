// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/haproxy/state.hpp"
#include "slotd/model/result.hpp"
#include "slotd/model/server.hpp"
#include "slotd/net/stream.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace slotd::haproxy {

/// What a runtime socket tells of its HAProxy to somebody who changes nothing.
struct Inspection {
    model::Process process;
    std::string level;  ///< of this socket: "user", "operator" or "admin"
    bool master_worker =
        false;  ///< a worker of a master (`-W`), which hands listeners on at reloads
    std::vector<model::Server> servers;
    std::vector<ServerStat> stats;  ///< of every server, and of every backend as "BACKEND"

    Inspection() = default;
};

/// Takes what a connection gave for inspect_request. An error when the socket is a master's, or an
/// answer is of no known form.
model::Result<Inspection> parse_inspection(std::string_view received);

/// On a connection of its own.
asio::awaitable<model::Result<Inspection>> inspect(
    asio::any_io_executor executor, net::SocketAddress socket,
    std::chrono::milliseconds deadline = std::chrono::milliseconds(5000));

}  // namespace slotd::haproxy
