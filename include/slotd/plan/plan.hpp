// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/command.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/time.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/policy.hpp"
#include "slotd/plan/seating.hpp"
#include "slotd/plan/target.hpp"
#include "slotd/plan/trust.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace slotd::plan {

/// The commands that turn live state into target, in two phases. Between them HAProxy must be read
/// until it shows every address of the first: 2.9 and later put an address in force after the
/// reply, and a slot made ready too early serves the instance it had before. A plan may be cut off
/// after any command without harm.
struct Plan {
    std::vector<model::Step> addresses;
    /// Newcomers are made ready before leavers are drained, so that a full exchange of instances
    /// leaves no gap.
    std::vector<model::Step> changes;
    /// Instances that are to serve and have no slot.
    std::vector<model::InstanceId> waiting;
    /// When time alone changes the plan: a drain runs out, a slot has rested. None: never.
    std::optional<model::Time> wake;
    /// Slots drain or wait for a check, and what `show stat` says of them changes the plan.
    bool watches_stat = false;
    /// Instances whose slot waits for HAProxy's own check.
    std::vector<model::InstanceId> gated;

    Plan() = default;
    bool empty() const { return addresses.empty() && changes.empty(); }
};

/// The slots (as positions) of which the plan depends on what `show stat` says; usually none.
std::vector<std::size_t> slots_to_ask(const std::vector<Slot>& slots, const Target& target,
                                      const Seating& seating, const Policy& policy,
                                      const History& history, model::Time now);

/// `slots` are all slots of one backend that follow the same list, and no other server; `seating`
/// is theirs and the target's.
Plan make_plan(const std::vector<Slot>& slots, const Target& target, const Seating& seating,
               const Policy& policy, const History& history, model::Time now,
               Removals removals = Removals::apply);

}  // namespace slotd::plan
