// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/haproxy/reply.hpp"
#include "slotd/haproxy/state.hpp"
#include "slotd/model/command.hpp"
#include "slotd/model/result.hpp"
#include "slotd/model/server.hpp"
#include "slotd/net/stream.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace slotd::haproxy {

struct StateText {
    model::Process process;
    std::string text;

    StateText() = default;
};

/// One HAProxy's runtime socket. Each read opens a connection of its own: after a reload
/// (HAProxy 2.2 to 3.2) a held one still reaches the old worker, and nothing on our side would
/// notice; and what was changed shows on a later connection only. What follows a read in the same
/// round (stat, apply) may go over the connection of that read: it reaches the process that was
/// read.
class Runtime {
  public:
    virtual ~Runtime() = default;

    /// `show info`: the cheap poll.
    virtual asio::awaitable<model::Result<model::Process>> process() = 0;

    /// `show info` and `show servers state` of these backends, of all when the list is empty. A
    /// backend of the list that HAProxy does not have is left out.
    virtual asio::awaitable<model::Result<model::Live>> read(
        std::vector<model::BackendName> backends) = 0;

    /// The servers of these backends alone, in less than half of the time of a read(): whether it
    /// is the same process still is not told. A backend that HAProxy does not have is left out.
    virtual asio::awaitable<model::Result<std::vector<model::Server>>> servers(
        std::vector<model::BackendName> backends) = 0;

    /// servers() of these backends are about to be asked for: begins with what that needs, where it
    /// does not wait. What was begun serves such a call within a moment, and is else forgotten.
    virtual void expect(std::vector<model::BackendName>) {}

    /// There is nothing to do for now: opens the socket of the next expect() ahead of it.
    virtual void get_ready() {}

    /// `show servers state` as HAProxy writes it, which is also the form of a server-state file.
    virtual asio::awaitable<model::Result<StateText>> state_text() = 0;

    /// `show stat` of these servers, by HAProxy's numbers {backend_id, server_id}; servers that
    /// vanished are left out.
    virtual asio::awaitable<model::Result<std::vector<ServerStat>>> stat(
        std::vector<std::pair<std::uint32_t, std::uint32_t>> servers) = 0;

    /// Sends the commands, which outlive the call, in order; one outcome for each, `no_reply` from
    /// where the connection broke. The reasons are for those who print instead of sending.
    /// When servers() of `then_read` follows, it may be begun as by expect(), behind the commands.
    virtual asio::awaitable<std::vector<Outcome>> apply(
        const std::vector<model::Step>& steps, std::vector<model::BackendName> then_read) = 0;

    /// The round is over: no connection stays open.
    virtual void end_round() {}
};

/// The real one. `deadline` is per connection and grows by a share for each command and server.
std::unique_ptr<Runtime> socket_runtime(
    asio::any_io_executor executor, net::SocketAddress socket,
    std::chrono::milliseconds deadline = std::chrono::milliseconds(5000));

}  // namespace slotd::haproxy
