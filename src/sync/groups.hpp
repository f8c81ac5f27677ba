// SPDX-License-Identifier: MIT
#pragma once

#include "group.hpp"
#include "report.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/record.hpp"
#include "slotd/sync/round.hpp"
#include "slotd/sync/settings.hpp"
#include "slotd/sync/status.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slotd::sync {

/// What a driver keeps of all groups of its HAProxy, between rounds and for the parts of one.
class Groups {
  public:
    using OnComing = std::function<void(const model::BackendName&)>;

    /// `wake` is called when a group has news of Consul, `coming` when such news begins to arrive
    /// that will be acted on at once. What is pointed to outlives this.
    Groups(const Settings* settings, Subscriptions* subscriptions, const Pauses* pauses,
           Metrics* metrics, Report* report, Clock clock, model::Backoff::Random random,
           std::function<void()> wake, OnComing coming);

    /// Takes up the groups of a full read that are new, lets go those that are not in it. Returns
    /// the backends that have none left.
    std::set<model::BackendName> regroup(const Following& following);
    /// The settings have changed: each group is judged anew, by them.
    void take_settings();
    /// Another process of HAProxy: what was learned of the last one does not hold.
    void forget_process();

    /// Backends with a group that has something to do now, each once.
    std::vector<model::BackendName> due() const;
    /// When there is something to do next; none: when Consul has news.
    std::optional<model::Time> next_wake() const;
    /// A look at these backends begins: what was due is taken up by it.
    void take_up(const std::vector<model::BackendName>& backends);

    /// Takes in what Consul said of these last. Not while there are desks, which point to what it
    /// said before.
    void judge(const std::vector<Group>& groups);
    /// A desk for each group that has a target and may be worked on now.
    std::vector<Desk> make_desks(std::vector<Group> groups, const model::Process& process);
    /// True when the desk's backend is paused: its plan is noted, and must not be sent.
    bool withhold(const Desk& desk);
    /// Notes what the replies teach about slots and backends, for the next plans; true when HAProxy
    /// has to be read as a whole.
    bool learn(const std::vector<Done>& done);
    /// Ends the work on a group whose plan had something to send; `again` is the desk after reading
    /// back, whose slots it takes.
    void finish_work(const Desk& before, const std::vector<Done>& done, Desk& again);
    /// Ends the look at a group that had nothing to send; takes the desk's slots.
    void finish_look(Desk& desk);
    /// Whether the last look at every group left it in step.
    bool in_step() const;

    /// Looks at the groups of this backend (`Pauses::all`: of all) again.
    void stir(const std::string& backend);
    void describe(const std::string& socket, Detail detail,
                  std::vector<BackendStatus>& to) const;

  private:
    void adopt(const Group& group);
    void announce(const GroupState& state) const;
    void say_problems(const Following& following);
    GroupState& state_of(const Desk& desk);
    void look_over(Desk& desk, GroupState& state);
    void rest(const Desk& desk, GroupState& state);

    const Settings& settings_;
    Subscriptions& subscriptions_;
    const Pauses& pauses_;
    Metrics& metrics_;
    Report& report_;
    Clock clock_;
    model::Backoff::Random random_;
    std::function<void()> wake_;
    OnComing coming_;
    std::map<GroupKey, GroupState> groups_;
    std::set<std::string> problems_;  ///< said already
};

}  // namespace slotd::sync
