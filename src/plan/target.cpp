// SPDX-License-Identifier: MIT
#include "slotd/plan/target.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace slotd::plan {
namespace {

Role role_of(const model::Instance& instance, const Policy& policy, std::string& why) {
    if (instance.maintenance) {
        why = instance.id.is_of_key() ? "is disabled in its list" : "is in maintenance in Consul";
        return Role::retire;
    }
    switch (instance.health) {
        case model::Health::passing:
            return Role::serve;
        case model::Health::warning:
            if (policy.on_warning == OnWarning::serve)
                return Role::serve;
            why = "is warning in Consul";
            return policy.on_warning == OnWarning::drain ? Role::retire : Role::rest;
        case model::Health::critical:
            break;
    }
    why = "is critical in Consul";
    return policy.on_critical == OnCritical::drain ? Role::retire : Role::rest;
}

std::int64_t consul_weight(const model::Instance& instance) {
    return instance.health == model::Health::warning ? instance.weight_warning
                                                     : instance.weight_passing;
}

}  // namespace

Target make_target(const model::Instances& instances, const Policy& policy) {
    Target target;
    target.whole = instances.whole;
    target.wanted.reserve(instances.list.size());
    std::map<model::AddressPort, std::size_t> seen;
    std::vector<std::int64_t> numbers;  // the weight that Consul has for each wanted
    numbers.reserve(instances.list.size());
    for (const model::Instance& instance : instances.list) {
        const std::int64_t number = consul_weight(instance);
        const auto weight = policy.weight.value_or(model::Weight::clamped(number));
        std::string why;
        const Role role = role_of(instance, policy, why);
        Wanted wanted(instance.id, instance.at, weight, role);
        wanted.why = std::move(why);
        wanted.maintenance = instance.maintenance;
        wanted.muted = role == Role::serve && instance.health == model::Health::warning &&
                       weight.value() == 0 && !policy.weight;

        const auto [other, fresh] = seen.emplace(instance.at, target.wanted.size());
        if (fresh) {
            target.wanted.push_back(std::move(wanted));
            numbers.push_back(number);
            continue;
        }
        // One slot for both; a registration that may serve beats one that may not.
        Wanted& kept = target.wanted[other->second];
        if (kept.role != Role::serve && role == Role::serve) {
            std::swap(kept, wanted);
            numbers[other->second] = number;
        }
        target.duplicates.emplace_back(wanted.id, "its address " + to_string(wanted.at) +
                                                      " is also that of " + to_string(kept.id));
    }
    for (std::size_t i = 0; i < numbers.size() && !policy.weight; ++i)
        if (numbers[i] != target.wanted[i].weight.value())
            target.clamped.emplace_back(
                target.wanted[i].id,
                "weight " + std::to_string(numbers[i]) + " is beyond HAProxy's 256");
    target.by_address.reserve(seen.size());
    for (const auto& [at, position] : seen) target.by_address.push_back(position);
    return target;
}

bool bring_back(Target& target, const Wanted& wanted) {
    if (const auto found = target.find(wanted.at)) {
        if (target.wanted[*found].maintenance)
            return false;
        target.wanted[*found] = wanted;
        return true;
    }
    const auto place =
        std::lower_bound(target.by_address.begin(), target.by_address.end(), wanted.at,
                         [&](std::size_t position, const model::AddressPort& at) {
                             return target.wanted[position].at < at;
                         });
    target.by_address.insert(place, target.wanted.size());
    target.wanted.push_back(wanted);
    return true;
}

std::optional<std::size_t> Target::find(const model::AddressPort& at) const {
    const auto found = std::lower_bound(
        by_address.begin(), by_address.end(), at,
        [&](std::size_t position, const model::AddressPort& other) {
            return wanted[position].at < other;
        });
    if (found == by_address.end() || wanted[*found].at != at)
        return std::nullopt;
    return *found;
}

}  // namespace slotd::plan
