// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/plan/history.hpp"
#include "slotd/plan/policy.hpp"
#include "slotd/plan/seating.hpp"

#include <cstddef>
#include <vector>

namespace slotd::plan {

/// Slots nobody sits on, in maint, that have rested: `fillable` in the order to fill them (longest
/// in maint first, so that a slot rests and a returning instance finds its address), `resting`
/// those that only time or the end of their sessions makes fillable.
struct FreeSlots {
    std::vector<std::size_t> fillable;
    std::vector<std::size_t> resting;
};

FreeSlots free_slots(const std::vector<Slot>& slots, const Seating& seating, const Policy& policy,
                     const History& history, model::Time now);

/// Whether a slot is ready only once HAProxy's own check has passed.
bool is_gated(const Slot& slot, const Policy& policy);

/// The wanted that are to serve and have no slot, in their order.
std::vector<std::size_t> without_slot(const Target& target, const Seating& seating);

/// When a slot of `free.resting` may be filled even if its sessions go on.
model::Time rested_at(const Slot& slot, const Policy& policy, const History& history,
                      model::Time now);

}  // namespace slotd::plan
