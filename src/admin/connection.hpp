// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/response.hpp"
#include "slotd/admin/routes.hpp"
#include "slotd/admin/server.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace slotd::admin {

/// What all connections use.
struct Service {
    Routes routes;
    Limits limits;
    std::size_t streams = 0;  ///< that are open

    Service(Parts parts, Limits limits_) : routes(std::move(parts)), limits(limits_) {}
};

/// A client, with a deadline on what it is waited for.
struct Connection {
    using Socket = asio::generic::stream_protocol::socket;

    Socket socket;
    Way way;
    asio::steady_timer deadline;
    unsigned armed = 0;
    bool timed_out = false;
    std::array<char, 1024> input{};

    Connection(const asio::any_io_executor& executor, Way way_)
        : socket(executor), way(way_), deadline(executor) {}

    /// From now on what is waited for on the socket ends after this time, `timed_out` being set.
    static void arm(const std::shared_ptr<Connection>& connection, std::chrono::milliseconds after);
    void disarm();
    void close();
};

/// Sends all of it within the limit for writing; false when that failed, or the client is gone. The
/// body outlives the wait.
asio::awaitable<bool> send(std::shared_ptr<Connection> connection, std::string head,
                           std::string_view body, std::chrono::milliseconds limit);

/// Reads one request, answers it and closes. A `busy` server does not read.
asio::awaitable<void> serve(std::shared_ptr<Connection> connection,
                            std::shared_ptr<Service> service, bool busy);

}  // namespace slotd::admin
