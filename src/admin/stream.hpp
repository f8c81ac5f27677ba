// SPDX-License-Identifier: MIT
#pragma once

#include "connection.hpp"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace slotd::admin {

/// Sends the events that come after a number, as they come, until the client goes or does not take
/// them in time. Nothing is kept for a client: what is sent is read from the last events there are.
asio::awaitable<void> stream_events(std::shared_ptr<Connection> connection,
                                    std::shared_ptr<Service> service, std::uint64_t after,
                                    bool head_only);

}  // namespace slotd::admin
