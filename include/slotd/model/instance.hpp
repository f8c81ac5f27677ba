// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slotd::model {

/// Consul's key of an instance: the same ID on two nodes is two instances. A server of a KV key's
/// list has its name as ID, and no node. The texts are as Consul sent them (any bytes): print them
/// with to_string() only.
struct InstanceId {
    std::string node;
    std::string id;

    InstanceId(std::string node_, std::string id_) : node(std::move(node_)), id(std::move(id_)) {}
    bool is_of_key() const { return node.empty(); }
    auto operator<=>(const InstanceId&) const = default;
};

/// "web-1 on n1", of a KV key "web-1": printable, one line, bounded in length.
std::string to_string(const InstanceId& id);

/// The worst status of the checks of an instance and its node. A status Consul does not define
/// counts as critical, an instance without checks as passing.
enum class Health { passing, warning, critical };

std::string_view to_string(Health health);

struct Instance {
    InstanceId id;
    AddressPort at;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> meta;
    std::int64_t weight_passing = 1;  ///< as Consul says, not yet HAProxy's
    std::int64_t weight_warning = 1;
    Health health = Health::passing;  ///< maintenance is not counted here
    bool maintenance = false;         ///< of the instance or of its node

    Instance(InstanceId id_, AddressPort at_) : id(std::move(id_)), at(at_) {}
    bool operator==(const Instance&) const = default;
};

/// An instance Consul lists that can't be served.
struct Refused {
    InstanceId id;
    std::string why;  ///< printable: "port 0 is not between 1 and 65535"

    Refused(InstanceId id_, std::string why_) : id(std::move(id_)), why(std::move(why_)) {}
    bool operator==(const Refused&) const = default;
};

/// What is written of a server in a KV key's list and can't be done at run time.
struct Ignored {
    InstanceId id;
    std::string what;   ///< "inter 2s backup"; any bytes
    std::string where;  ///< "line 3"

    Ignored(InstanceId id_, std::string what_, std::string where_)
        : id(std::move(id_)), what(std::move(what_)), where(std::move(where_)) {}
    bool operator==(const Ignored&) const = default;
};

/// A trustworthy list; empty means that the service has no instance.
struct Instances {
    std::vector<Instance> list;
    std::vector<Refused> refused;
    std::vector<Ignored> ignored;
    /// False: the token may not read every node, so an instance that no list has named may exist
    /// all the same.
    bool whole = true;

    Instances() = default;
    bool operator==(const Instances&) const = default;
};

/// Why what Consul said, or did not say, can't be trusted. The names are those of the status
/// document.
enum class Doubt {
    unreachable,
    consul_error,
    unreadable_answer,
    no_leader,
    acl,
    index_reset,
    empty,
    large_removal
};

inline constexpr std::array all_doubts{
    Doubt::unreachable, Doubt::consul_error, Doubt::unreadable_answer, Doubt::no_leader, Doubt::acl,
    Doubt::index_reset, Doubt::empty,        Doubt::large_removal};

/// "consul-unreachable", "consul-error", ...: the fixed set of reasons for a hold.
std::string_view to_string(Doubt doubt);

/// No knowledge: it never removes anything.
struct Unknown {
    Doubt doubt;
    std::string detail;  ///< printable, one line, says what to do where there is something to do

    [[gnu::cold]] Unknown(Doubt doubt_, std::string detail_);
    bool operator==(const Unknown&) const = default;
};

using Answer = std::variant<Instances, Unknown>;

}  // namespace slotd::model
