// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/result.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/plan.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/remark.hpp"
#include "slotd/sync/settings.hpp"

#include <asio/awaitable.hpp>

#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slotd::sync {

/// One group with all that its plan was made of.
struct Surveyed {
    GroupKey key;
    std::vector<plan::Slot> slots;
    plan::Target target;
    std::vector<Remark> remarks;
    plan::History history;
    plan::Plan plan;
    /// Then the plan is empty, or without the removals that are doubted.
    std::optional<model::Unknown> held;
    bool has_target = false;  ///< there is a list to make a plan of
    bool paused = false;
    std::vector<std::string> would;  ///< commands that the pause keeps back; the plan is empty then
    model::Answer answer;

    Surveyed(GroupKey key_, model::Answer answer_)
        : key(std::move(key_)), answer(std::move(answer_)) {}
};

/// One full look at an HAProxy and at what Consul says for each of its groups.
struct Survey {
    model::Process process;
    std::vector<Surveyed> groups;
    std::vector<model::Error> problems;

    Survey() = default;
};

/// Asks Consul once for each query, reads HAProxy when that is done, and makes the plans; sends
/// nothing. An error when HAProxy can't be read; what is unknown in Consul is held, group by group.
/// A removal that is too large is planned only for an answer that is in `before`, an earlier
/// survey's, too.
asio::awaitable<model::Result<Survey>> survey(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, Clock clock,
                                              const Survey* before = nullptr);

/// Takes the plans of paused backends out of the survey.
void withhold(Survey& survey, const Pauses& pauses);

}  // namespace slotd::sync
