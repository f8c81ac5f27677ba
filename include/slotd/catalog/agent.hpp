// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"
#include "slotd/net/http.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::catalog {

/// What a Consul agent says of itself and of its cluster. All texts are printable.
struct Agent {
    std::string leader;      ///< "10.0.0.1:8300"; empty: none is known
    std::string version;     ///< of this and the next ones: empty, none when it does not tell
    std::string datacenter;  ///< its own
    std::optional<std::int64_t> most_connections;  ///< that it grants a client over HTTP/1.1
    std::string refusal;  ///< why it does not tell: "Permission denied", "ACL not found"

    Agent() = default;
};

/// Reads the body of `/v1/status/leader`; none when Consul would not write it so.
std::optional<std::string> parse_leader(std::string_view body);

/// Takes from the body of `/v1/agent/self` what it holds of an Agent.
void parse_self(std::string_view body, Agent& agent);

/// Asks the agent at `options.base` twice. An error when it can't be reached, or is no Consul.
asio::awaitable<model::Result<Agent>> ask_agent(asio::any_io_executor executor,
                                                net::HttpOptions options);

}  // namespace slotd::catalog
