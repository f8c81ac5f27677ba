// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/result.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/plan.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/follow.hpp"
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
    std::optional<model::Unknown> held;  ///< then the plan is empty

    explicit Surveyed(GroupKey key_) : key(std::move(key_)) {}
};

/// One full look at an HAProxy and at what Consul says for each of its groups.
struct Survey {
    model::Process process;
    std::vector<Surveyed> groups;
    std::vector<model::Error> problems;

    Survey() = default;
};

/// Reads HAProxy, asks Consul once for each query, makes the plans, sends nothing. An error when
/// HAProxy can't be read; what is unknown in Consul is held, group by group.
asio::awaitable<model::Result<Survey>> survey(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, Clock clock);

}  // namespace slotd::sync
