// SPDX-License-Identifier: MIT
#pragma once

#include "report.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/target.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/settings.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slotd::sync {

/// What a driver keeps of one group between rounds.
struct GroupState {
    GroupKey key;
    plan::Policy policy;
    std::unique_ptr<Subscriptions::Subscription> subscription;
    plan::History history;
    /// From the last answer that could be trusted; none until there was one. A held group still
    /// follows it, so that a HAProxy that is reloaded while Consul is away is filled again.
    std::optional<plan::Target> target;
    std::vector<model::InstanceId> waiting;

    bool dirty = true;                ///< Consul's answer changed
    std::optional<model::Time> wake;  ///< when to look again although nothing changed
    model::Backoff retry;
    std::chrono::milliseconds session_pause{
        0};  ///< between looks at the sessions of draining slots

    GroupState(GroupKey key_, plan::Policy policy_, model::Backoff retry_);

    /// Takes the latest answer into `target`, or holds; says what is new.
    void judge(Report& report, model::Time now);
    /// Sets `wake` from a plan that needs no commands now.
    void schedule(const plan::Plan& plan, model::Time now, std::chrono::milliseconds poll);

  private:
    void hold(const model::Unknown& why, Report& report, model::Time now);
    void trust(const model::Instances& instances, Report& report, model::Time now);

    struct Hold {
        model::Doubt doubt;
        model::Time since;
    };
    std::shared_ptr<const model::Answer> judged_;
    std::optional<Hold> held_;
    std::set<std::string> remarked_;  ///< said already
};

}  // namespace slotd::sync
