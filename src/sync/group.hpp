// SPDX-License-Identifier: MIT
#pragma once

#include "group_standing.hpp"
#include "report.hpp"
#include "slotd/model/address.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/model/server.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/target.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/repeats.hpp"
#include "slotd/sync/settings.hpp"
#include "slotd/sync/status.hpp"
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
    model::Time quiet_at{};           ///< a burst has settled then; `dirty` waits for it
    std::optional<model::Time> wake;  ///< when to look again although nothing changed
    model::Backoff retry;
    std::optional<model::Time> retry_at;      ///< something failed: nothing is sent before
    std::chrono::milliseconds stat_pause{0};  ///< between looks at what `show stat` tells
    /// Since when Consul's news waits to be carried out; none: there is none.
    std::optional<model::Time> stirred_at;
    GroupStanding standing;

    GroupState(GroupKey key_, plan::Policy policy_, model::Backoff retry_);

    /// Follows another policy from the next look on.
    void take(const plan::Policy& other);
    /// Takes the latest answer into `target`, or holds; says what is new. Does nothing while a
    /// burst lasts.
    void judge_if_quiet(Report& report, model::Time now);
    /// What a removal would take away that waits to be confirmed, and is out of traffic all the
    /// same (by a reload of HAProxy, or a hand), comes back before `target` alone is followed
    /// again. To be called before a round, whose `target` stays.
    void bring_back(const std::vector<model::Server>& servers, Report& report, model::Time now);
    /// What of `target` must wait: it takes too much away and was not confirmed yet.
    plan::Removals doubt(const std::vector<plan::Slot>& slots, const plan::Seating& seating,
                         Report& report, model::Time now);
    /// Consul's answer changed at `now`: from when on it is acted on.
    void stir(model::Time now);
    bool is_due(model::Time now) const {
        return (dirty && quiet_at <= now) || (wake && *wake <= now);
    }
    /// Sets `wake` from a plan that needs no commands now.
    void schedule(const plan::Plan& plan, model::Time now, std::chrono::milliseconds poll);

    /// HAProxy shows these now.
    void see(std::vector<plan::Slot> slots);
    /// All but the pause, which is not the group's.
    void describe(BackendStatus& status, Detail detail, model::Time now) const;

  private:
    void judge(Report& report, model::Time now);
    void hold(const model::Unknown& why, Report& report, model::Time now);
    void release(Report& report, model::Time now);
    void say_held(const model::Unknown& why, Report& report, model::Time now);
    /// Consul was away, or had nothing: what it says now is confirmed, and no earlier doubt counts.
    void shake();
    bool has_outage() const;
    void look_for_blind_spots(const std::vector<plan::Slot>& slots, Report& report,
                              model::Time now);
    void remark(const model::Instances& instances, const plan::Target& next, Report& report);
    void trust(plan::Target next, Report& report, model::Time now);
    void follow(std::shared_ptr<const model::Answer> answer, plan::Target next);
    plan::Target target_of(const model::Answer& list) const;

    template <typename See>
    void each_slot(See see) const;

    struct Counted {
        SlotCounts slots{};
        std::size_t serving = 0;  ///< instances that take traffic

        Counted() = default;
    };
    const Counted& counted() const;

    struct Hold {
        model::Doubt doubt;
        std::string detail;
        model::Time since;
        bool blind = false;  ///< only for slots that are out of the token's sight

        Hold(model::Doubt doubt_, std::string detail_, model::Time since_)
            : doubt(doubt_), detail(std::move(detail_)), since(since_) {}
    };
    std::shared_ptr<const model::Answer> judged_;
    std::shared_ptr<const model::Answer> target_answer_;  ///< what `target` was made of
    std::shared_ptr<const model::Answer> acted_on_;       ///< a removal that was confirmed
    std::shared_ptr<const model::Answer> undoubted_;      ///< the last one that was carried out
    /// Followed again once what it takes away, unconfirmed, is brought back.
    std::shared_ptr<const model::Answer> set_aside_;
    std::set<model::AddressPort> brought_back_;
    model::Time brought_back_until_{};
    std::optional<Hold> held_;
    /// Of `standing` and `target` as they are; none: nobody has asked since either changed.
    mutable std::optional<Counted> counted_;
    Repeats outages_said_;
    unsigned outages_ = 0;  ///< as the subscription counted them when last looked at
    /// Since when a removal waits to be confirmed.
    std::optional<model::Time> doubted_;
    std::set<model::AddressPort> doubted_at_;  ///< what that takes away
    /// Any removal is confirmed first: Consul was away or had nothing, and may be back with less.
    bool shaky_ = false;
    /// From the first look at HAProxy on, which may be down when Consul is back.
    std::optional<model::Time> shaky_until_;
    std::optional<model::Time> burst_began_;
    std::optional<model::Time> confirm_at_;
    std::set<std::string> remarked_;  ///< said already
    std::vector<RefusedStatus> refused_;
};

}  // namespace slotd::sync
