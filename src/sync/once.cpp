// SPDX-License-Identifier: MIT
#include "slotd/sync/once.hpp"

#include "report.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/round.hpp"
#include "state_keeper.hpp"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace slotd::sync {
namespace {

void report_survey(Report& report, const Survey& survey) {
    for (const model::Error& problem : survey.problems) report.error(LogLevel::warn, problem);
    for (const Surveyed& group : survey.groups) {
        const std::string& backend = group.key.backend.text();
        if (group.held)
            report.held(group.key, *group.held);
        for (const Remark& remark : group.remarks) report.remark(backend, remark);
        if (!group.would.empty())
            report.withheld(backend, group.would);
        std::vector<model::InstanceId> before;
        report.waiting(backend, group.plan.waiting, before);
    }
}

std::vector<Desk> desks_of(Survey& survey, const Settings& settings) {
    std::vector<Desk> desks;
    for (Surveyed& group : survey.groups) {
        if (group.plan.empty())
            continue;
        Desk& desk =
            desks.emplace_back(&group.key, group.slots, &group.target,
                               &settings.of(group.key.backend.text()).policy, &group.history);
        desk.plan = group.plan;
    }
    return desks;
}

// The same desks as HAProxy shows them now.
std::vector<Desk> desks_again(const std::vector<Desk>& before, std::vector<Group> groups,
                              const model::Process& process) {
    std::vector<Desk> desks;
    for (Group& group : groups) {
        const auto old = std::find_if(before.begin(), before.end(),
                                      [&](const Desk& desk) { return *desk.key == group.key; });
        if (old == before.end())
            continue;
        desks.emplace_back(old->key, slots_of(std::move(group.slots), process), old->target,
                           old->policy, old->history);
    }
    return desks;
}

// How long the removals that are doubted wait; none when there are none.
std::optional<std::chrono::milliseconds> longest_confirm(const Survey& survey,
                                                         const Settings& settings,
                                                         const Pauses& pauses) {
    std::optional<std::chrono::milliseconds> longest;
    for (const Surveyed& group : survey.groups)
        if (group.held && group.held->doubt == model::Doubt::large_removal &&
            !pauses.of(group.key.backend.text())) {
            const auto confirm = settings.of(group.key.backend.text()).policy.confirm;
            longest = std::max(longest.value_or(confirm), confirm);
        }
    return longest;
}

}  // namespace

bool is_failure(const model::Unknown& held) {
    return held.doubt != model::Doubt::empty && held.doubt != model::Doubt::large_removal;
}

bool is_well(const Survey& survey) {
    return survey.problems.empty() &&
           std::none_of(survey.groups.begin(), survey.groups.end(), [](const Surveyed& group) {
               return group.held && is_failure(*group.held);
           });
}

asio::awaitable<model::Result<bool>> run_once(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, const Pauses& pauses,
                                              Clock clock, Log& log, std::string name) {
    auto surveyed = co_await survey(runtime, source, settings, clock);
    if (!surveyed)
        co_return surveyed.error();
    if (const auto wait = longest_confirm(*surveyed, settings, pauses)) {
        log.info("a large removal is confirmed first, for " + std::to_string(wait->count()) +
                 " ms");
        asio::steady_timer timer(co_await asio::this_coro::executor, *wait);
        co_await timer.async_wait(asio::use_awaitable);
        const Survey before = *std::move(surveyed);
        surveyed = co_await survey(runtime, source, settings, clock, &before);
        if (!surveyed)
            co_return surveyed.error();
    }
    withhold(*surveyed, pauses);
    Report report(log, std::move(name), settings);
    report_survey(report, *surveyed);
    bool well = is_well(*surveyed);

    std::vector<Desk> desks = desks_of(*surveyed, settings);
    if (desks.empty())
        co_return well;
    const std::vector<Done> done = co_await carry_out(runtime, desks);
    const auto live = co_await runtime.read({});
    if (!live)
        co_return live.error();
    Following following = follow(live->servers, settings);
    StateKeeper keeper(settings.state_file);
    keeper.look(live->servers, following, report);
    co_await keeper.keep(runtime, live->process.pid, report);
    std::vector<Desk> again = desks_again(desks, std::move(following.groups), live->process);
    const auto planned = co_await make_plans(runtime, again, clock());
    if (!planned)
        co_return planned.error();
    for (const Desk& desk : desks) {
        const auto now = std::find_if(again.begin(), again.end(),
                                      [&](const Desk& one) { return one.key == desk.key; });
        well = now != again.end() && report.changes(desk, done, *now, clock()).well && well;
    }
    co_return well;
}

}  // namespace slotd::sync
