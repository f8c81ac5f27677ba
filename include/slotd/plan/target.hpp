// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/weight.hpp"
#include "slotd/plan/policy.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slotd::plan {

/// What an instance's slot is to do.
enum class Role {
    serve,   ///< take traffic
    retire,  ///< drain, then maint; the slot stays the instance's
    rest,    ///< maint at once; the slot stays the instance's
};

/// One instance, as its backend wants it.
struct Wanted {
    model::InstanceId id;
    model::AddressPort at;
    model::Weight weight;
    Role role;
    std::string why;           ///< for a role other than serve: "is critical in Consul"
    bool maintenance = false;  ///< that role is somebody's wish, not a check's finding
    bool muted = false;        ///< serves with the weight 0, by a check's finding

    Wanted(model::InstanceId id_, model::AddressPort at_, model::Weight weight_, Role role_)
        : id(std::move(id_)), at(at_), weight(weight_), role(role_) {}
    bool operator==(const Wanted&) const = default;
};

/// What a backend should look like.
struct Target {
    std::vector<Wanted> wanted;              ///< no address twice; in Consul's order
    std::vector<std::size_t> by_address;     ///< positions in `wanted`, in the order of addresses
    std::vector<model::Refused> duplicates;  ///< instances whose address another one has
    std::vector<model::Refused> clamped;     ///< instances whose weight HAProxy can't take as it is
    bool whole = true;                       ///< see Instances::whole

    Target() = default;
    bool operator==(const Target&) const = default;

    /// The position in `wanted` of who has this address.
    std::optional<std::size_t> find(const model::AddressPort& at) const;
};

Target make_target(const model::Instances& instances, const Policy& policy);

/// Lets `wanted` serve in a target that lacks it, or that takes it out of traffic by a check; false
/// when it is in maintenance there.
bool bring_back(Target& target, const Wanted& wanted);

}  // namespace slotd::plan
