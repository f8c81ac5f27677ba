// SPDX-License-Identifier: MIT
#include "groups.hpp"

#include "commands.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace slotd::sync {
namespace {

using model::BackendName;
using std::chrono::milliseconds;

constexpr milliseconds first_retry(100);
constexpr milliseconds last_retry(10'000);

double seconds(model::Time::duration time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

Groups::Groups(const Settings* settings, Subscriptions* subscriptions, const Pauses* pauses,
               Metrics* metrics, Report* report, Clock clock, model::Backoff::Random random,
               std::function<void()> wake, OnComing coming)
    : settings_(*settings),
      subscriptions_(*subscriptions),
      pauses_(*pauses),
      metrics_(*metrics),
      report_(*report),
      clock_(std::move(clock)),
      random_(std::move(random)),
      wake_(std::move(wake)),
      coming_(std::move(coming)) {}

std::set<BackendName> Groups::regroup(const Following& following) {
    std::set<GroupKey> there;
    std::set<BackendName> staying;
    std::set<BackendName> gone;
    for (const Group& group : following.groups) {
        there.insert(group.key);
        staying.insert(group.key.backend);
        if (!groups_.contains(group.key))
            adopt(group);
    }
    std::erase_if(groups_, [&](const auto& entry) {
        if (there.contains(entry.first))
            return false;
        const BackendName& backend = entry.first.backend;
        if (staying.contains(backend))
            report_.line(LogLevel::info, backend.text(),
                         backend.text() + ": no slot follows " + in_a_sentence(entry.first.query) +
                             " any more");
        else if (gone.insert(backend).second && !following.disabled.contains(backend))
            report_.line(LogLevel::info, backend.text(),
                         backend.text() + ": no slot of it is followed any more");
        return true;
    });
    say_problems(following);
    return gone;
}

void Groups::say_problems(const Following& following) {
    std::set<std::string> problems;
    const auto say = [&](const std::vector<model::Error>& errors) {
        for (const model::Error& error : errors)
            if (problems.insert(to_string(error)).second && !problems_.contains(to_string(error)))
                report_.error(LogLevel::warn, error);
    };
    say(following.problems);
    say(missing_backends(following, settings_));
    problems_ = std::move(problems);
}

void Groups::adopt(const Group& group) {
    const std::string& backend = group.key.backend.text();
    GroupState state(group.key, settings_.of(backend).policy,
                     model::Backoff(first_retry, last_retry, random_));
    GroupState& kept = groups_.emplace(group.key, std::move(state)).first->second;
    kept.subscription = subscriptions_.subscribe(
        group.key.query,
        [this, &kept] {
            kept.stir(clock_());
            wake_();
        },
        [this, &kept] { announce(kept); });
    report_.line(LogLevel::info, backend,
                 backend + ": " + std::to_string(group.slots.size()) +
                     (group.slots.size() == 1 ? " slot follows" : " slots follow") + " " +
                     in_a_sentence(group.key.query));
}

void Groups::announce(const GroupState& state) const {
    const model::BackendName& backend = state.key.backend;
    if (state.policy.settle.count() == 0 && !state.retry_at && !pauses_.of(backend.text()))
        coming_(backend);
}

void Groups::take_settings() {
    for (auto& [key, state] : groups_) state.take(settings_.of(key.backend.text()).policy);
}

void Groups::forget_process() {
    for (auto& [key, state] : groups_) {
        state.history.out_since.clear();
        state.history.avoid_until.clear();
        state.history.static_algorithm = false;
        state.retry.reset();
        state.retry_at.reset();
    }
}

std::vector<BackendName> Groups::due() const {
    const model::Time now = clock_();
    std::vector<BackendName> due;
    for (const auto& [key, state] : groups_) {
        if (!state.is_due(now))
            continue;
        if (due.empty() || due.back() != key.backend)
            due.push_back(key.backend);
    }
    return due;
}

std::optional<model::Time> Groups::next_wake() const {
    model::Time next = model::Time::max();
    for (const auto& [key, state] : groups_) {
        if (state.dirty)
            next = std::min(next, state.quiet_at);
        next = std::min(next, state.wake.value_or(next));
    }
    if (next == model::Time::max())
        return std::nullopt;
    return next;
}

void Groups::take_up(const std::vector<BackendName>& backends) {
    const model::Time now = clock_();
    for (auto& [key, state] : groups_) {
        if (std::find(backends.begin(), backends.end(), key.backend) == backends.end())
            continue;
        state.wake.reset();
        // HAProxy is still to answer: what can be done before is.
        state.judge_if_quiet(report_, now);
    }
}

void Groups::judge(const std::vector<Group>& groups) {
    const model::Time now = clock_();
    for (const Group& group : groups)
        if (const auto found = groups_.find(group.key); found != groups_.end()) {
            found->second.judge_if_quiet(report_, now);
            found->second.bring_back(group.slots, report_, now);
        }
}

std::vector<Desk> Groups::make_desks(std::vector<Group> groups, const model::Process& process) {
    std::vector<Desk> desks;
    const model::Time now = clock_();
    for (Group& group : groups) {
        const auto found = groups_.find(group.key);
        if (found == groups_.end())
            continue;
        GroupState& state = found->second;
        std::vector<plan::Slot> slots = slots_of(std::move(group.slots), process);
        if (!state.target || (state.retry_at && now < *state.retry_at)) {
            if (state.target)
                state.wake = state.retry_at;
            state.see(std::move(slots));
            continue;
        }
        Desk& desk = desks.emplace_back(&found->first, std::move(slots), &*state.target,
                                        &state.policy, &state.history);
        desk.removals = state.doubt(desk.slots, desk.seating, report_, now);
    }
    return desks;
}

// No group leaves between the making of a desk and its end.
GroupState& Groups::state_of(const Desk& desk) {
    return groups_.find(*desk.key)->second;
}

bool Groups::withhold(const Desk& desk) {
    const std::string& backend = desk.key->backend.text();
    const bool paused = pauses_.of(backend).has_value();
    std::vector<std::string> would;
    if (paused)
        would = commands_of(desk.plan);
    GroupState& state = state_of(desk);
    if (would == state.standing.would)
        return paused;
    state.standing.would = std::move(would);
    if (!state.standing.would.empty())
        report_.withheld(backend, state.standing.would);
    return paused;
}

bool Groups::learn(const std::vector<Done>& done) {
    std::map<BackendName, std::vector<plan::History*>> histories;
    for (auto& [key, state] : groups_) histories[key.backend].push_back(&state.history);
    const model::Time avoid_until = clock_() + last_retry;
    bool read_all = false;
    for (const Done& one : done) {
        const model::Command& command = one.step.command;
        for (plan::History* history : histories[command.slot.backend]) {
            if (one.outcome.kind == haproxy::OutcomeKind::static_algorithm)
                history->static_algorithm = true;
            // A lost reply says nothing of the slot.
            if (!one.outcome.ok() && one.outcome.kind != haproxy::OutcomeKind::no_reply &&
                std::holds_alternative<model::SetAddress>(command.change))
                history->avoid_until[command.slot.server] = avoid_until;
        }
        read_all = read_all || one.outcome.kind == haproxy::OutcomeKind::reloaded ||
                   one.outcome.kind == haproxy::OutcomeKind::vanished;
    }
    return read_all;
}

void Groups::look_over(Desk& desk, GroupState& state) {
    const model::Time now = clock_();
    report_.waiting(state.key.backend.text(), desk.plan.waiting, state.waiting);
    state.schedule(desk.plan, now, settings_.poll);
    state.see(std::move(desk.slots));
}

// Nothing is left to do.
void Groups::rest(const Desk& desk, GroupState& state) {
    state.retry.reset();
    state.retry_at.reset();
    if (desk.plan.empty()) {
        report_.well(state.key.backend.text(), clock_());
        state.standing.in_step();
        state.stirred_at.reset();
    }
}

void Groups::finish_look(Desk& desk) {
    GroupState& state = state_of(desk);
    look_over(desk, state);
    rest(desk, state);
}

void Groups::finish_work(const Desk& before, const std::vector<Done>& done, Desk& again) {
    GroupState& state = state_of(again);
    const model::Time now = clock_();
    const Told told = report_.changes(before, done, again, now);
    state.standing.worked(told.any, told.failure);
    if (told.well && state.stirred_at)
        metrics_.propagation.observe(seconds(now - *state.stirred_at));
    state.stirred_at.reset();
    look_over(again, state);
    // What is planned although every step took effect is new. A weight that a static algorithm
    // refuses is planned again only where slotd knows no better: that is no news.
    if ((told.well && !told.repeated) || again.plan.empty()) {
        rest(again, state);
        if (!again.plan.empty())
            state.wake = now;
        return;
    }
    state.retry_at = now + state.retry.next();
    state.wake = std::min(state.wake.value_or(*state.retry_at), *state.retry_at);
}

bool Groups::in_step() const {
    return std::all_of(groups_.begin(), groups_.end(),
                       [](const auto& entry) { return !entry.second.retry_at; });
}

void Groups::stir(const std::string& backend) {
    for (auto& [key, state] : groups_)
        if (backend == Pauses::all || key.backend.text() == backend)
            state.wake = clock_();
}

void Groups::describe(const std::string& socket, Detail detail,
                      std::vector<BackendStatus>& to) const {
    const model::Time now = clock_();
    for (const auto& [key, state] : groups_) {
        BackendStatus& status = to.emplace_back();
        status.socket = socket;
        state.describe(status, detail, now);
        if (const auto pause = pauses_.of(key.backend.text())) {
            status.paused = true;
            status.paused_until = pause->until;
        }
    }
}

}  // namespace slotd::sync
