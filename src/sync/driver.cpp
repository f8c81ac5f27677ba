// SPDX-License-Identifier: MIT
#include "slotd/sync/driver.hpp"

#include "group.hpp"
#include "report.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/round.hpp"
#include "state_keeper.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace slotd::sync {
namespace {

using model::BackendName;
using std::chrono::milliseconds;

// A full read costs HAProxy and slotd about 2 us a server together: this keeps it under 0.1 % of a
// core.
constexpr milliseconds full_read_per_server(2);
constexpr milliseconds first_retry(100);
constexpr milliseconds last_retry(10'000);

}  // namespace

DriverParts::DriverParts(asio::any_io_executor executor_, const Settings* settings_,
                         Subscriptions* subscriptions_, Log* log_, Clock clock_,
                         model::Backoff::Random random_)
    : executor(std::move(executor_)),
      settings(settings_),
      subscriptions(subscriptions_),
      log(log_),
      clock(std::move(clock_)),
      random(std::move(random_)) {}

class Driver::Impl {
  public:
    Impl(DriverParts parts, std::string name, std::unique_ptr<haproxy::Runtime> runtime)
        : parts_(std::move(parts)),
          settings_(*parts_.settings),
          name_(std::move(name)),
          runtime_(std::move(runtime)),
          report_(*parts_.log, name_, settings_),
          state_keeper_(settings_.state_file),
          timer_(parts_.executor) {}

    asio::awaitable<void> run() {
        for (;;) {
            runtime_->end_round();
            const model::Time now = parts_.clock();
            if (now >= full_at_) {
                co_await full_round();
                continue;
            }
            const std::vector<BackendName> due = due_backends(now);
            if (!due.empty()) {
                co_await round_of(due);
                continue;
            }
            if (now >= poll_at_) {
                co_await poll();
                continue;
            }
            const model::Time next = next_wake();
            if (next <= now)
                continue;
            timer_.expires_after(next - now);
            asio::error_code woken;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }

  private:
    using Groups = std::map<GroupKey, GroupState>;

    std::vector<BackendName> due_backends(model::Time now) const {
        std::vector<BackendName> due;
        if (down_)
            return due;
        for (const auto& [key, state] : groups_) {
            if (!state.is_due(now))
                continue;
            if (due.empty() || due.back() != key.backend)
                due.push_back(key.backend);
        }
        return due;
    }

    model::Time next_wake() const {
        model::Time next = std::min(full_at_, poll_at_);
        if (down_)
            return next;
        for (const auto& [key, state] : groups_) {
            if (state.dirty)
                next = std::min(next, state.quiet_at);
            if (state.wake)
                next = std::min(next, *state.wake);
        }
        return next;
    }

    asio::awaitable<void> poll() {
        poll_at_ = parts_.clock() + settings_.poll;
        const auto process = co_await runtime_->process();
        if (!process)
            went_down(process.error());
        else if (is_another(*process))
            full_at_ = model::Time::min();
    }

    asio::awaitable<void> full_round() {
        const auto live = co_await runtime_->read({});
        const model::Time now = parts_.clock();
        poll_at_ = now + settings_.poll;
        if (!live) {
            went_down(live.error());
            co_return;
        }
        full_at_ = now + std::max<milliseconds>(settings_.poll,
                                                full_read_per_server * live->servers.size());
        came_up(live->process);
        Following following = follow(live->servers, settings_);
        regroup(following);
        state_keeper_.look(live->servers, following, report_);
        co_await work(std::move(following.groups), live->process);
        co_await keep_state();
    }

    asio::awaitable<void> round_of(std::vector<BackendName> backends) {
        const model::Time now = parts_.clock();
        for (auto& [key, state] : groups_)
            if (std::find(backends.begin(), backends.end(), key.backend) != backends.end()) {
                state.dirty = state.dirty && state.quiet_at > now;
                state.wake.reset();
            }
        const auto live = co_await runtime_->read(backends);
        if (!live) {
            went_down(live.error());
            co_return;
        }
        // A reload may have brought other slots: look at everything.
        if (is_another(live->process)) {
            full_at_ = model::Time::min();
            co_return;
        }
        Following following = follow(live->servers, settings_);
        co_await work(std::move(following.groups), live->process);
        co_await keep_state();
    }

    asio::awaitable<void> keep_state() {
        if (!down_ && process_)
            co_await state_keeper_.keep(*runtime_, process_->pid, report_);
    }

    // The round itself: plan, apply, read back, and say what became of it.
    asio::awaitable<void> work(std::vector<Group> groups, model::Process process) {
        std::vector<Desk> desks = make_desks(std::move(groups), process);
        const auto planned = co_await make_plans(*runtime_, desks, parts_.clock());
        if (!planned) {
            went_down(planned.error());
            co_return;
        }
        std::vector<BackendName> changed;
        for (const Desk& desk : desks) {
            if (!desk.plan.empty())
                changed.push_back(desk.key->backend);
            else
                finish(desk, true);
        }
        if (changed.empty())
            co_return;
        std::erase_if(desks, [](const Desk& desk) { return desk.plan.empty(); });
        state_keeper_.stale();
        const std::vector<Done> done = co_await carry_out(*runtime_, desks, process.pid);
        learn(done);
        co_await read_back(std::move(changed), std::move(desks), done);
    }

    asio::awaitable<void> read_back(std::vector<BackendName> backends, std::vector<Desk> before,
                                    const std::vector<Done>& done) {
        const auto live = co_await runtime_->read(std::move(backends));
        if (!live) {
            went_down(live.error());
            co_return;
        }
        if (is_another(live->process)) {
            full_at_ = model::Time::min();
            co_return;
        }
        Following following = follow(live->servers, settings_);
        const auto desk_of = [&](const GroupKey& key) {
            return std::find_if(before.begin(), before.end(),
                                [&](const Desk& one) { return *one.key == key; });
        };
        // What came meanwhile for the backend's other groups stays for the next round.
        std::erase_if(following.groups,
                      [&](const Group& group) { return desk_of(group.key) == before.end(); });
        std::vector<Desk> desks = make_desks(std::move(following.groups), live->process);
        const auto planned = co_await make_plans(*runtime_, desks, parts_.clock());
        if (!planned) {
            went_down(planned.error());
            co_return;
        }
        for (const Desk& desk : desks) {
            const bool well = report_.changes(*desk_of(*desk.key), done, desk);
            finish(desk, well);
        }
    }

    std::vector<Desk> make_desks(std::vector<Group> groups, const model::Process& process) {
        std::vector<Desk> desks;
        const model::Time now = parts_.clock();
        for (Group& group : groups) {
            const auto found = groups_.find(group.key);
            if (found == groups_.end())
                continue;
            GroupState& state = found->second;
            if (state.quiet_at <= now) {
                state.dirty = false;
                state.judge(report_, now);
            }
            if (!state.target)
                continue;
            if (state.retry_at && now < *state.retry_at) {
                state.wake = state.retry_at;
                continue;
            }
            Desk& desk =
                desks.emplace_back(&found->first, slots_of(std::move(group.slots), process),
                                   &*state.target, &state.policy, &state.history);
            desk.removals = state.doubt(desk.slots, report_, now);
        }
        return desks;
    }

    // What the replies teach about slots and backends, for the next plans.
    void learn(const std::vector<Done>& done) {
        std::map<BackendName, std::vector<plan::History*>> histories;
        for (auto& [key, state] : groups_) histories[key.backend].push_back(&state.history);
        const model::Time avoid_until = parts_.clock() + last_retry;
        for (const Done& one : done) {
            const model::Command& command = one.step.command;
            for (plan::History* history : histories[command.slot.backend]) {
                if (one.outcome.kind == haproxy::OutcomeKind::static_algorithm)
                    history->static_algorithm = true;
                if (!one.outcome.ok() && std::holds_alternative<model::SetAddress>(command.change))
                    history->avoid_until[command.slot.server] = avoid_until;
            }
            if (one.outcome.kind == haproxy::OutcomeKind::reloaded ||
                one.outcome.kind == haproxy::OutcomeKind::vanished)
                full_at_ = model::Time::min();
        }
    }

    // `well`: every step that was sent took effect, so what is still planned is new.
    void finish(const Desk& desk, bool well) {
        GroupState& state = state_of(desk);
        const std::string& backend = state.key.backend.text();
        const model::Time now = parts_.clock();
        report_.waiting(backend, desk.plan.waiting, state.waiting);
        state.schedule(desk.plan, now, settings_.poll);
        if (well || desk.plan.empty()) {
            state.retry.reset();
            state.retry_at.reset();
            if (desk.plan.empty())
                report_.well(backend);
            else
                state.wake = now;
            return;
        }
        state.retry_at = now + state.retry.next();
        state.wake = std::min(state.wake.value_or(*state.retry_at), *state.retry_at);
    }

    // No group leaves between the making of a desk and its end.
    GroupState& state_of(const Desk& desk) { return groups_.find(*desk.key)->second; }

    void regroup(const Following& following) {
        std::set<GroupKey> there;
        for (const Group& group : following.groups) {
            there.insert(group.key);
            if (!groups_.contains(group.key))
                adopt(group);
        }
        std::erase_if(groups_, [&](const auto& entry) {
            if (there.contains(entry.first))
                return false;
            report_.line(LogLevel::info, entry.first.backend.text(),
                         entry.first.backend.text() + ": HAProxy has no slots of it any more");
            return true;
        });
        std::set<std::string> problems;
        const auto say = [&](const std::vector<model::Error>& errors) {
            for (const model::Error& error : errors)
                if (problems.insert(to_string(error)).second &&
                    !problems_.contains(to_string(error)))
                    report_.error(LogLevel::warn, error);
        };
        say(following.problems);
        say(missing_backends(following, settings_));
        problems_ = std::move(problems);
    }

    void adopt(const Group& group) {
        const std::string& backend = group.key.backend.text();
        GroupState state(group.key, settings_.of(backend).policy,
                         model::Backoff(first_retry, last_retry, parts_.random));
        GroupState& kept = groups_.emplace(group.key, std::move(state)).first->second;
        kept.subscription = parts_.subscriptions->subscribe(group.key.query, [this, &kept] {
            kept.stir(parts_.clock());
            timer_.cancel();
        });
        report_.line(LogLevel::info, backend,
                     backend + ": " + std::to_string(group.slots.size()) +
                         (group.slots.size() == 1 ? " slot follows" : " slots follow") +
                         " the service " + catalog::to_string(group.key.query));
    }

    bool is_another(const model::Process& process) const {
        if (!process_ || process.pid != process_->pid)
            return true;
        if (process.started != 0)
            return process.started != process_->started;
        return process.uptime < process_->uptime;
    }

    void came_up(const model::Process& process) {
        if (down_) {
            report_.line(LogLevel::info, {}, "HAProxy answers again on " + name_);
            down_ = false;
        }
        if (is_another(process)) {
            report_.line(LogLevel::info, {},
                         (process_ ? "HAProxy was reloaded or restarted: " : "HAProxy ") +
                             process.version + ", pid " + std::to_string(process.pid) + " on " +
                             name_);
            for (auto& [key, state] : groups_) {
                state.history.out_since.clear();
                state.history.avoid_until.clear();
                state.history.static_algorithm = false;
                state.retry.reset();
                state.retry_at.reset();
            }
        }
        process_ = process;
    }

    // Each group is looked at again by the full round that finds HAProxy back.
    void went_down(const model::Error& error) {
        if (!down_)
            report_.error(LogLevel::error, error);
        down_ = true;
        full_at_ = parts_.clock() + settings_.poll;
        poll_at_ = full_at_;
    }

    DriverParts parts_;
    const Settings& settings_;
    std::string name_;
    std::unique_ptr<haproxy::Runtime> runtime_;
    Report report_;
    StateKeeper state_keeper_;
    asio::steady_timer timer_;
    Groups groups_;
    std::set<std::string> problems_;  ///< said already
    std::optional<model::Process> process_;
    bool down_ = false;
    model::Time full_at_ = model::Time::min();
    model::Time poll_at_ = model::Time::min();
};

Driver::Driver(DriverParts parts, std::string name, std::unique_ptr<haproxy::Runtime> runtime)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(name), std::move(runtime))) {}

Driver::~Driver() = default;

asio::awaitable<void> Driver::run() {
    return impl_->run();
}

}  // namespace slotd::sync
