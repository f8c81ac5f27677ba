// SPDX-License-Identifier: MIT
#include "place.hpp"

#include <algorithm>

namespace slotd::plan {
namespace {

model::Time out_since(const Slot& slot, const History& history, model::Time now) {
    const auto found = history.out_since.find(slot.server.id.server);
    return found == history.out_since.end() ? now : found->second;
}

}  // namespace

model::Time rested_at(const Slot& slot, const Policy& policy, const History& history,
                      model::Time now) {
    model::Time rested = slot.sessions == 0U ? now : out_since(slot, history, now) + policy.drain;
    const auto avoid = history.avoid_until.find(slot.server.id.server);
    if (avoid != history.avoid_until.end())
        rested = std::max(rested, avoid->second);
    return rested;
}

FreeSlots free_slots(const std::vector<Slot>& slots, const Seating& seating, const Policy& policy,
                     const History& history, model::Time now) {
    FreeSlots free;
    for (std::size_t s = 0; s < slots.size(); ++s) {
        if (seating.wanted_of[s] || slots[s].server.admin != model::Admin::maint)
            continue;
        const bool rested = rested_at(slots[s], policy, history, now) <= now;
        (rested ? free.fillable : free.resting).push_back(s);
    }
    std::stable_sort(free.fillable.begin(), free.fillable.end(), [&](std::size_t a, std::size_t b) {
        return slots[a].server.since_change > slots[b].server.since_change;
    });
    return free;
}

bool is_gated(const Slot& slot, const Policy& policy) {
    return policy.gate && slot.server.has_check;
}

std::vector<std::size_t> without_slot(const Target& target, const Seating& seating) {
    std::vector<std::size_t> without;
    for (std::size_t w = 0; w < target.wanted.size(); ++w)
        if (target.wanted[w].role == Role::serve && !seating.slot_of[w])
            without.push_back(w);
    return without;
}

}  // namespace slotd::plan
