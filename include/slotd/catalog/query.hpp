// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slotd::catalog {

/// What a backend asks of Consul; backends with equal queries share one.
struct Query {
    std::string service;
    std::vector<std::string> tags;  ///< all of them; sorted, without repeats
    std::string filter;             ///< Consul's filter language; empty: none
    std::string datacenter;         ///< empty: the agent's own

    Query() = default;
    auto operator<=>(const Query&) const = default;
};

/// A label for logs: "web", "web (tags prod, dc dc2)". Printable.
std::string to_string(const Query& query);

enum class Consistency { stale, standard, consistent };

/// What all queries share.
struct Scope {
    Consistency consistency = Consistency::stale;
    std::chrono::seconds wait{60};
    std::string datacenter;  ///< of queries that name none; empty: the agent's own
    std::string ns;          ///< Consul Enterprise; sent only when set
    std::string partition;   ///< likewise

    Scope() = default;
    bool operator==(const Scope&) const = default;
};

/// An error when Consul could not be asked for that name: empty, "." or "..", or with a control
/// character.
model::Result<void> check_service_name(const std::string& service);

/// Path and query of the health request. `index` none: answers at once, without `wait`.
std::string health_target(const Query& query, const Scope& scope,
                          std::optional<std::uint64_t> index);

/// Path and query of the request for all services, likewise.
std::string services_target(const Scope& scope, std::optional<std::uint64_t> index);
/// Path and query of the request for the bytes of a KV key, likewise.
std::string value_target(const std::string& key, const Scope& scope,
                         std::optional<std::uint64_t> index);

/// Path and query of the request that asks what the token may read.
std::string authorize_target(const Query& query, const Scope& scope);
/// Its body: the service and these nodes; a node "" is all of them.
std::string authorize_body(const Query& query, const std::vector<std::string>& nodes);

/// Path and query of the request for the nodes that the token may read.
std::string nodes_target(const Query& query, const Scope& scope);

}  // namespace slotd::catalog
