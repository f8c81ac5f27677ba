// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/command.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/policy.hpp"

#include <optional>
#include <string>

namespace slotd::plan {

/// How a slot leaves traffic: ready, then drain until nothing is left on it or the time is over,
/// then maint. `step` is the next move, if it is due; `wake` when it comes due by time alone;
/// `watches_stat` when it also comes due by their end.
struct Leaving {
    std::optional<model::Step> step;
    std::optional<model::Time> wake;
    bool watches_stat = false;
};

/// `reason` is for the first move; the last one has its own.
Leaving retire(const Slot& slot, const Policy& policy, const History& history, model::Time now,
               model::Reason reason);

/// Maint at once.
Leaving rest(const Slot& slot, model::Reason reason);

}  // namespace slotd::plan
