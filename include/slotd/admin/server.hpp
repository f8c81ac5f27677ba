// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/listen_address.hpp"
#include "slotd/admin/parts.hpp"
#include "slotd/model/result.hpp"

#include <asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace slotd::admin {

/// What one client, or many, can make slotd wait for and hold.
struct Limits {
    std::chrono::milliseconds head{5000};   ///< until a request's head is whole
    std::chrono::milliseconds write{5000};  ///< until the client has taken an answer, or an event
    std::chrono::milliseconds linger{1000};
    std::chrono::milliseconds heartbeat{15'000};  ///< of a stream on which nothing happens
    std::size_t connections = 64;  ///< of each address; so many more are told so, others dropped
    std::size_t streams = 32;      ///< of all of them

    Limits() = default;
};

/// Serves HTTP on the loop of the executor: one request a connection.
class Server {
  public:
    Server(asio::any_io_executor executor, Parts parts, Limits limits = Limits());
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens on these addresses and no other; one that is listened on already goes on, with its
    /// clients. After an error nothing has changed.
    model::Result<void> listen(const std::vector<ListenAddress>& all);
    /// Listens nowhere and ends all connections. The files of UNIX sockets are gone when this
    /// returns.
    void close();

  private:
    class Door;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace slotd::admin
