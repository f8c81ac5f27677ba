// SPDX-License-Identifier: MIT
#include "slotd/plan/trust.hpp"

#include "place.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <variant>

namespace slotd::plan {
namespace {

/// The slots that serve now, by what the target does to them.
struct Loss {
    std::size_t serving = 0;
    std::size_t unlisted = 0;
    std::size_t unhealthy = 0;  ///< taken out by a check, not by maintenance
    std::set<model::AddressPort> served_at;
    std::set<model::AddressPort> unlisted_at;
};

// A slot without an address, or with the one that its line begins with (`:1`, `init-addr
// last,127.0.0.1`; after a reload, with another port), serves nobody: there is nothing to lose.
bool is_placeholder(const Slot& slot) {
    static const auto loopback = model::Address::parse("127.0.0.1");
    return !slot.server.at || slot.server.astray ||
           (slot.server.at->address == *loopback && slot.server.at->port.value() == 1);
}

// Of two slots with one address only one is seated; the other leaving takes nothing away.
bool is_listed(const Slot& slot, const Target& target) {
    return slot.server.at && target.find(*slot.server.at);
}

Loss count_loss(const std::vector<Slot>& slots, const Target& target, const Seating& seating,
                const History& history) {
    Loss loss;
    for (std::size_t s = 0; s < slots.size(); ++s) {
        if (slots[s].server.admin != model::Admin::ready || is_placeholder(slots[s]) ||
            is_out_of_sight(slots[s], target, history))
            continue;
        ++loss.serving;
        loss.served_at.insert(*slots[s].server.at);
        if (!seating.wanted_of[s]) {
            if (is_listed(slots[s], target))
                continue;
            ++loss.unlisted;
            loss.unlisted_at.insert(*slots[s].server.at);
            continue;
        }
        const Wanted& wanted = target.wanted[*seating.wanted_of[s]];
        const bool is_muted = wanted.muted && slots[s].server.weight.value() != 0;
        if (is_muted || (wanted.role != Role::serve && !wanted.maintenance))
            ++loss.unhealthy;
    }
    return loss;
}

bool takes_traffic(const Wanted& wanted) {
    return wanted.role == Role::serve && wanted.weight.value() != 0;
}

// Whether anybody takes traffic once the target is carried out. What waits for a slot, or for
// HAProxy's own check, may never.
bool serves_on(const std::vector<Slot>& slots, const Target& target, const Seating& seating,
               const Policy& policy) {
    bool has_free = false;
    for (std::size_t s = 0; s < slots.size(); ++s) {
        const bool is_open =
            slots[s].server.admin == model::Admin::ready || !is_gated(slots[s], policy);
        if (!seating.wanted_of[s])
            has_free = has_free || (is_open && slots[s].server.admin == model::Admin::maint);
        else if (is_open && takes_traffic(target.wanted[*seating.wanted_of[s]]))
            return true;
    }
    for (std::size_t w = 0; w < target.wanted.size() && has_free; ++w)
        if (!seating.slot_of[w] && takes_traffic(target.wanted[w]))
            return true;
    return false;
}

std::string of_serving(std::size_t count, std::size_t serving) {
    return std::to_string(count) + " of " + std::to_string(serving) +
           (serving == 1 ? " instance that serves" : " instances that serve");
}

}  // namespace

bool is_out_of_sight(const Slot& slot, const Target& target, const History& history) {
    if (target.whole || slot.server.admin != model::Admin::ready || is_placeholder(slot) ||
        is_listed(slot, target))
        return false;
    const auto seat = history.seats.find(slot.server.id.server);
    return seat == history.seats.end() || seat->second.at != slot.server.at;
}

std::optional<model::Unknown> out_of_sight(const std::vector<Slot>& slots, const Target& target,
                                           const History& history) {
    std::size_t count = 0;
    std::string first;
    for (const Slot& slot : slots)
        if (is_out_of_sight(slot, target, history) && count++ == 0)
            first = to_string(*slot.server.at);
    if (count == 0)
        return std::nullopt;
    const std::string more = count == 1 ? "" : " and " + std::to_string(count - 1) + " more";
    return model::Unknown(model::Doubt::acl,
                          "Consul lists no instance at " + first + more +
                              ", and the token may not read every node, so it may be there all "
                              "the same; give the token node_prefix \"\" read, or free the slot by "
                              "hand");
}

std::optional<model::Unknown> why_hold(const model::Answer& answer, const Policy& policy) {
    if (const auto* unknown = std::get_if<model::Unknown>(&answer))
        return *unknown;
    const auto& instances = std::get<model::Instances>(answer);
    if (!instances.list.empty() || policy.on_empty == OnEmpty::apply)
        return std::nullopt;
    if (!instances.refused.empty())
        return model::Unknown(model::Doubt::empty,
                              "none of the instances that Consul lists can be served; they need "
                              "mending (on_empty = \"apply\" would empty the backend)");
    return model::Unknown(model::Doubt::empty,
                          "Consul lists no instance; on_empty = \"apply\" would empty the backend");
}

std::optional<LargeRemoval> doubt(const std::vector<Slot>& slots, const Target& target,
                                  const Seating& seating, const Policy& policy,
                                  const History& history) {
    const Loss loss = count_loss(slots, target, seating, history);
    if (loss.unhealthy > 0 && !serves_on(slots, target, seating, policy))
        return LargeRemoval(Removals::keep_all, loss.served_at,
                            model::Unknown(model::Doubt::large_removal,
                                           "Consul takes away all " + std::to_string(loss.serving) +
                                               " instances that serve, by their checks; they go if "
                                               "that is still so after `confirm`"));
    const bool empties = target.wanted.empty() && loss.unlisted > 0;
    if (empties || loss.unlisted * 100 > loss.serving * policy.large_removal)
        return LargeRemoval(
            Removals::keep_unlisted, loss.unlisted_at,
            model::Unknown(model::Doubt::large_removal,
                           "Consul no longer lists " + of_serving(loss.unlisted, loss.serving) +
                               "; they go if that is still so after `confirm`"));
    return std::nullopt;
}

}  // namespace slotd::plan
