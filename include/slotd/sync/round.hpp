// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/command.hpp"
#include "slotd/model/server.hpp"
#include "slotd/model/time.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/plan.hpp"
#include "slotd/plan/policy.hpp"
#include "slotd/plan/seating.hpp"
#include "slotd/plan/target.hpp"
#include "slotd/sync/follow.hpp"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace slotd::sync {

/// The part of a round that concerns one group. What it points to outlives the round.
struct Desk {
    const GroupKey* key;
    std::vector<plan::Slot> slots;
    const plan::Target* target;
    plan::Seating seating;  ///< for as long as what it is made of stays: see plan::seat()
    const plan::Policy* policy;
    plan::History* history;
    plan::Removals removals = plan::Removals::apply;
    plan::Plan plan;

    Desk(const GroupKey* key_, std::vector<plan::Slot> slots_, const plan::Target* target_,
         const plan::Policy* policy_, plan::History* history_)
        : key(key_),
          slots(std::move(slots_)),
          target(target_),
          seating(plan::seat(slots, *target)),
          policy(policy_),
          history(history_) {}
};

/// The servers of a group as slots, as `process` shows them.
std::vector<plan::Slot> slots_of(std::vector<model::Server> servers, const model::Process& process);

/// Makes the plan of each desk, after asking HAProxy for the sessions and checks that the plans
/// depend on (usually none).
asio::awaitable<model::Result<void>> make_plans(haproxy::Runtime& runtime, std::vector<Desk>& desks,
                                                model::Time now);

/// What became of a step.
struct Done {
    model::Step step;
    haproxy::Outcome outcome;

    Done(model::Step step_, haproxy::Outcome outcome_)
        : step(std::move(step_)), outcome(std::move(outcome_)) {}
};

/// Sends both phases of all plans: the addresses, then (once HAProxy shows them) the changes. The
/// changes of a slot whose address was refused or does not show in time are not sent and have no
/// Done; the late address itself is `not_shown`. Neither have all changes when HAProxy no longer
/// shows what the plans were made of, as after a reload. The steps are taken out of the plans.
asio::awaitable<std::vector<Done>> carry_out(haproxy::Runtime& runtime, std::vector<Desk>& desks);

}  // namespace slotd::sync
