// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/policy.hpp"
#include "slotd/plan/seating.hpp"
#include "slotd/plan/target.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace slotd::plan {

/// Why `answer` must not be acted on; none when it is a list to follow. What is held keeps
/// following the last list that could be trusted.
std::optional<model::Unknown> why_hold(const model::Answer& answer, const Policy& policy);

/// What of a target is not carried out yet, because it takes too much away.
enum class Removals {
    apply,          ///< all is carried out
    keep_unlisted,  ///< slots that serve what Consul does not list any more serve on
    keep_all,       ///< every slot that serves serves on
};

/// Why a trusted list is still doubted, and what that keeps from being carried out.
struct LargeRemoval {
    Removals removals;
    std::set<model::AddressPort> lost;  ///< what would be taken out of traffic
    model::Unknown why;

    LargeRemoval(Removals removals_, std::set<model::AddressPort> lost_, model::Unknown why_)
        : removals(removals_), lost(std::move(lost_)), why(std::move(why_)) {}
};

/// Doubts a target that takes away more than `large_removal` of the slots that serve now, or that
/// leaves none serving because all their checks fail at once. What serves is read from HAProxy, so
/// that a Consul that came back with less than before is doubted even by a slotd that just started.
std::optional<LargeRemoval> doubt(const std::vector<Slot>& slots, const Target& target,
                                  const Seating& seating, const Policy& policy,
                                  const History& history);

/// A slot that serves an address which no list has named, while the token may not read every node:
/// nobody can tell whether that instance is gone, so it serves on.
bool is_out_of_sight(const Slot& slot, const Target& target, const History& history);

/// What to say of the slots that are; none when there are none.
std::optional<model::Unknown> out_of_sight(const std::vector<Slot>& slots, const Target& target,
                                           const History& history);

}  // namespace slotd::plan
