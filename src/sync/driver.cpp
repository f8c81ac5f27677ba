// SPDX-License-Identifier: MIT
#include "slotd/sync/driver.hpp"

#include "groups.hpp"
#include "report.hpp"
#include "slotd/haproxy/reply.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/repeats.hpp"
#include "slotd/sync/round.hpp"
#include "state_keeper.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::sync {
namespace {

using model::BackendName;
using std::chrono::milliseconds;

// A full read costs HAProxy and slotd about 2 us a server together: this keeps it under 0.1 % of a
// core.
constexpr milliseconds full_read_per_server(2);

// While HAProxy does not answer. A restart takes a moment, in which requests fail: soon at first. A
// try costs next to nothing: never so rarely that somebody waits for it.
constexpr milliseconds first_look_again(100);
constexpr milliseconds last_look_again(2'000);

std::string_view kind_of(const model::Command& command) {
    if (std::holds_alternative<model::SetAddress>(command.change))
        return "addr";
    return std::holds_alternative<model::SetWeight>(command.change) ? "weight" : "state";
}

// Each once, however many of its groups are worked on.
std::vector<BackendName> backends_at(const std::vector<Desk>& desks) {
    std::set<BackendName> backends;
    for (const Desk& desk : desks) backends.insert(desk.key->backend);
    return std::vector<BackendName>(backends.begin(), backends.end());
}

}  // namespace

DriverParts::DriverParts(asio::any_io_executor executor_, const Settings* settings_,
                         Subscriptions* subscriptions_, const Pauses* pauses_, Log* log_,
                         Record* record_, Clock clock_, model::Backoff::Random random_)
    : executor(std::move(executor_)),
      settings(settings_),
      subscriptions(subscriptions_),
      pauses(pauses_),
      log(log_),
      record(record_),
      clock(std::move(clock_)),
      random(std::move(random_)) {}

class Driver::Impl {
  public:
    Impl(DriverParts parts, std::string name, std::unique_ptr<haproxy::Runtime> runtime)
        : settings_(*parts.settings),
          name_(std::move(name)),
          runtime_(std::move(runtime)),
          metrics_(parts.record->metrics),
          clock_(std::move(parts.clock)),
          report_(*parts.log, name_, settings_, &parts.record->events),
          state_keeper_(settings_.state_file),
          timer_(parts.executor),
          random_(parts.random),
          look_again_(pace_of_looks()),
          groups_(
              parts.settings, parts.subscriptions, parts.pauses, &metrics_, &report_, clock_,
              std::move(parts.random), [this] { timer_.cancel(); },
              [this](const BackendName& backend) { expect(backend); }) {}

    asio::awaitable<void> run() {
        for (;;) {
            runtime_->end_round();
            const model::Time now = clock_();
            if (now >= full_at_) {
                const bool read = co_await full_round();
                count_round(now, read);
                continue;
            }
            const std::vector<BackendName> due =
                is_down() ? std::vector<BackendName>() : groups_.due();
            if (!due.empty()) {
                const bool read = co_await round_of(due);
                count_round(now, read);
                continue;
            }
            if (now >= poll_at_) {
                co_await poll();
                continue;
            }
            const model::Time next = next_wake();
            if (next <= now)
                continue;
            runtime_->get_ready();
            timer_.expires_after(next - now);
            asio::error_code woken;
            idle_ = true;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            idle_ = false;
        }
    }

    const std::string& name() const { return name_; }

    void take_settings() {
        state_keeper_.keep_at(settings_.state_file);
        groups_.take_settings();
        known_hosts_.clear();
        full_at_ = model::Time::min();
        timer_.cancel();
    }

    void stir(const std::string& backend) {
        groups_.stir(backend);
        timer_.cancel();
    }

    void describe(Status& to, Detail detail) const {
        HaproxyStatus& status = to.haproxys.emplace_back();
        status.socket = name_;
        status.up = process_ && !is_down();
        status.error = down_;
        if (process_) {
            status.version = process_->version;
            status.pid = process_->pid;
        }
        groups_.describe(name_, detail, to.backends);
    }

  private:
    // HAProxy answers while Consul's answer is read. What it says is as old as that answer, and
    // what anybody changes in between is put right after reading back.
    void expect(const BackendName& backend) {
        if (idle_ && !is_down())
            runtime_->expect({backend});
    }

    bool is_down() const { return !down_.empty(); }

    model::Time next_wake() const {
        const model::Time next = std::min(full_at_, poll_at_);
        return is_down() ? next : std::min(next, groups_.next_wake().value_or(next));
    }

    void count_round(model::Time began, bool read) {
        const char* outcome = "ok";
        if (!read)
            outcome = "failed";
        else if (!groups_.in_step())
            outcome = "incomplete";
        ++metrics_.rounds[{name_, outcome}];
        metrics_.round_duration.observe(std::chrono::duration<double>(clock_() - began).count());
    }

    asio::awaitable<void> poll() {
        poll_at_ = clock_() + settings_.poll;
        const auto process = co_await runtime_->process();
        if (!process)
            went_down(process.error());
        else if (is_another(*process))
            full_at_ = model::Time::min();
    }

    // These return false when HAProxy could not be read.
    asio::awaitable<bool> full_round() {
        const auto live = co_await runtime_->read({});
        const model::Time now = clock_();
        poll_at_ = now + settings_.poll;
        if (!live) {
            went_down(live.error());
            co_return false;
        }
        full_at_ = now + std::max<milliseconds>(settings_.poll,
                                                full_read_per_server * live->servers.size());
        if (came_up(live->process))
            state_keeper_.meet(live->servers, report_);
        known_hosts_.clear();
        Following following = follow(live->servers, settings_, known_hosts_);
        for (const BackendName& gone : groups_.regroup(following)) forget(gone.text());
        state_keeper_.look(live->servers, following, report_);
        state_keeper_.mark(following);
        co_await work(std::move(following.groups), live->process);
        co_await keep_state();
        // Not by its first word: it may answer that, and fail in what comes next.
        if (!is_down())
            look_again_ = pace_of_looks();
        co_return !is_down();
    }

    asio::awaitable<bool> round_of(std::vector<BackendName> backends) {
        groups_.take_up(backends);
        // Whether HAProxy was reloaded is seen by the poll, and after what is sent: a plan is made
        // of what this process has, whichever it is.
        auto servers = co_await runtime_->servers(std::move(backends));
        if (!servers) {
            went_down(servers.error());
            co_return false;
        }
        Following following = follow(*std::move(servers), settings_, known_hosts_);
        state_keeper_.mark(following);
        co_await work(std::move(following.groups), process_now());
        co_await keep_state();
        co_return !is_down();
    }

    asio::awaitable<void> keep_state() {
        if (!is_down() && process_)
            co_await state_keeper_.keep(*runtime_, process_->pid, report_);
    }

    // The round itself: plan, apply, read back, and say what became of it.
    asio::awaitable<void> work(std::vector<Group> groups, model::Process process) {
        groups_.judge(groups);
        std::vector<Desk> desks = groups_.make_desks(std::move(groups), process);
        const auto planned = co_await make_plans(*runtime_, desks, clock_());
        if (!planned) {
            went_down(planned.error());
            co_return;
        }
        std::erase_if(desks, [this](Desk& desk) {
            if (!groups_.withhold(desk) && !desk.plan.empty())
                return false;
            groups_.finish_look(desk);
            return true;
        });
        if (desks.empty())
            co_return;
        state_keeper_.stale();
        const std::vector<Done> done = co_await carry_out(*runtime_, desks);
        count(done);
        if (groups_.learn(done))
            full_at_ = model::Time::min();
        co_await read_back(std::move(desks), done);
    }

    void count(const std::vector<Done>& done) {
        for (const Done& one : done)
            ++metrics_.commands[CommandKey(name_, one.step.command.slot.backend.text(),
                                           std::string(kind_of(one.step.command)),
                                           std::string(to_string(one.outcome.kind)))];
    }

    // There may be no end of backends that come and go, as with one for each deployment.
    void forget(const std::string& backend) {
        report_.forget(backend);
        std::erase_if(metrics_.commands, [&](const auto& entry) {
            return entry.first.socket == name_ && entry.first.backend == backend;
        });
    }

    asio::awaitable<void> read_back(std::vector<Desk> before, const std::vector<Done>& done) {
        std::vector<BackendName> backends = backends_at(before);
        auto live = co_await runtime_->read(std::move(backends));
        if (!live || is_another(live->process))
            state_keeper_.sent_to_unknown(done);
        if (!live) {
            went_down(live.error());
            co_return;
        }
        if (is_another(live->process)) {
            full_at_ = model::Time::min();
            co_return;
        }
        Following following = follow(std::move(live->servers), settings_, known_hosts_);
        state_keeper_.mark(following);
        const auto desk_of = [&](const GroupKey& key) {
            return std::find_if(before.begin(), before.end(),
                                [&](const Desk& one) { return *one.key == key; });
        };
        // What came meanwhile, for these groups or the others, stays for the next round.
        std::erase_if(following.groups,
                      [&](const Group& group) { return desk_of(group.key) == before.end(); });
        std::vector<Desk> again = groups_.make_desks(std::move(following.groups), live->process);
        const auto planned = co_await make_plans(*runtime_, again, clock_());
        if (!planned) {
            went_down(planned.error());
            co_return;
        }
        for (Desk& desk : again) groups_.finish_work(*desk_of(*desk.key), done, desk);
    }

    bool is_another(const model::Process& process) const {
        if (!process_ || process.pid != process_->pid)
            return true;
        if (process.started != 0)
            return process.started != process_->started;
        return process.uptime < process_->uptime;
    }

    // True when it is another process than the one that was known; of the first nobody knows what
    // it began with.
    bool came_up(const model::Process& process) {
        const bool another = is_another(process);
        const bool reloaded = another && process_;
        if (is_down()) {
            if (const auto over = outages_.over(clock_()))
                report_.line(LogLevel::info, {},
                             "HAProxy answers again on " + name_ + ", " + over->text);
            down_.clear();
        }
        if (another) {
            report_.line(LogLevel::info, {},
                         (reloaded ? "HAProxy was reloaded or restarted: " : "HAProxy ") +
                             process.version + ", pid " + std::to_string(process.pid) + " on " +
                             name_);
            if (reloaded)
                ++metrics_.reloads[name_];
            groups_.forget_process();
        }
        process_ = process;
        process_at_ = clock_();
        return reloaded;
    }

    // As far as it is the same one still.
    model::Process process_now() const {
        model::Process process = *process_;
        process.uptime +=
            std::chrono::duration_cast<std::chrono::seconds>(clock_() - process_at_).count();
        return process;
    }

    // Each group is looked at again by the full round that finds HAProxy back.
    void went_down(const model::Error& error) {
        down_ = to_string(error);
        if (const auto line = outages_.line(down_, clock_()))
            report_.line(LogLevel::error, {}, *line + "; it is tried until it answers");
        full_at_ = clock_() + look_again_.next();
        poll_at_ = full_at_;
    }

    // A poll that looks more often is heeded here too.
    model::Backoff pace_of_looks() const {
        return model::Backoff(std::min(settings_.poll, first_look_again), last_look_again, random_);
    }

    const Settings& settings_;
    std::string name_;
    std::unique_ptr<haproxy::Runtime> runtime_;
    Metrics& metrics_;
    Clock clock_;
    Report report_;
    StateKeeper state_keeper_;
    asio::steady_timer timer_;
    model::Backoff::Random random_;
    model::Backoff look_again_;  ///< while it is down
    Groups groups_;
    KnownHosts known_hosts_;
    std::optional<model::Process> process_;
    model::Time process_at_{};  ///< when it said so
    bool idle_ = false;         ///< waits for something to do
    Repeats outages_;
    std::string down_;  ///< why HAProxy can't be read; empty: it can
    model::Time full_at_ = model::Time::min();
    model::Time poll_at_ = model::Time::min();
};

Driver::Driver(DriverParts parts, std::string name, std::unique_ptr<haproxy::Runtime> runtime)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(name), std::move(runtime))) {}

Driver::~Driver() = default;

asio::awaitable<void> Driver::run() {
    return impl_->run();
}

const std::string& Driver::name() const {
    return impl_->name();
}

void Driver::take_settings() {
    impl_->take_settings();
}

void Driver::stir(const std::string& backend) {
    impl_->stir(backend);
}

void Driver::describe(Status& to, Detail detail) const {
    impl_->describe(to, detail);
}

}  // namespace slotd::sync
