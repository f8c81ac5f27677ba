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

/// What a backend asks of Consul: the instances of a service, or the servers that a KV key lists.
/// Backends with equal queries share one.
struct Query {
    std::string service;
    std::vector<std::string> tags;  ///< all of them; sorted, without repeats
    std::string filter;             ///< Consul's filter language; empty: none
    std::string key;                ///< instead of a service, tags and a filter; empty: none
    std::string datacenter;         ///< empty: the agent's own

    Query() = default;
    bool is_of_key() const { return !key.empty(); }
    auto operator<=>(const Query&) const = default;
};

/// A label for logs: "web", "web (tags prod, dc dc2)", "lb/web". Printable.
std::string to_string(const Query& query);
/// The same within a sentence: "the service web (tag prod)", "the key lb/web".
std::string in_a_sentence(const Query& query);

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

/// The same of a KV key: empty, with an empty part (`a//b`), a part "." or "..", or a control
/// character.
model::Result<void> check_key(const std::string& key);

/// Path and query of the request for what is asked. `index` none: answers at once, without `wait`.
std::string target_of(const Query& query, const Scope& scope, std::optional<std::uint64_t> index);

/// Path and query of the request for all services, likewise.
std::string services_target(const Scope& scope, std::optional<std::uint64_t> index);
/// Path and query of the request for the bytes of a KV key, likewise.
std::string value_target(const std::string& key, const Scope& scope,
                         std::optional<std::uint64_t> index);

/// Path and query of the request that asks what the token may read.
std::string authorize_target(const Query& query, const Scope& scope);
/// Its body: the service and these nodes (a node "" is all of them), or the key.
std::string authorize_body(const Query& query, const std::vector<std::string>& nodes);

/// Path and query of the request for the nodes that the token may read.
std::string nodes_target(const Query& query, const Scope& scope);

}  // namespace slotd::catalog
