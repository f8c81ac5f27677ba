// SPDX-License-Identifier: MIT
#include "slotd/sync/survey.hpp"

#include "answers.hpp"
#include "commands.hpp"
#include "slotd/plan/trust.hpp"
#include "slotd/sync/round.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace slotd::sync {
namespace {

void judge(Surveyed& group, const plan::Policy& policy) {
    group.held = plan::why_hold(group.answer, policy);
    if (const auto* instances = std::get_if<model::Instances>(&group.answer))
        group.remarks = remarks_on(*instances);
    if (group.held)
        return;
    group.has_target = true;
    group.target = plan::make_target(std::get<model::Instances>(group.answer), policy);
    for (Remark& more : remarks_on(group.target)) group.remarks.push_back(std::move(more));
}

bool said_before(const Surveyed& group, const Survey* before) {
    return before &&
           std::any_of(before->groups.begin(), before->groups.end(), [&](const Surveyed& old) {
               return old.key == group.key && old.answer == group.answer;
           });
}

plan::Removals doubt(Surveyed& group, const Desk& desk, const Survey* before) {
    const auto removal =
        plan::doubt(desk.slots, *desk.target, desk.seating, *desk.policy, *desk.history);
    if (removal && !said_before(group, before)) {
        group.held = removal->why;
        return removal->removals;
    }
    group.held = plan::out_of_sight(desk.slots, *desk.target, *desk.history);
    return plan::Removals::apply;
}

std::map<catalog::Query, model::Instances> lists_of(const Survey* survey) {
    std::map<catalog::Query, model::Instances> lists;
    if (survey)
        for (const Surveyed& group : survey->groups)
            if (const auto* list = std::get_if<model::Instances>(&group.answer))
                lists.emplace(group.key.query, *list);
    return lists;
}

}  // namespace

asio::awaitable<model::Result<Survey>> survey(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, Clock clock,
                                              const Survey* before) {
    Answers answers(source, lists_of(before));
    auto live = co_await runtime.read({});
    if (!live)
        co_return live.error();
    Following following = follow(live->servers, settings);
    // Consul takes its time: the plan is one for what HAProxy shows after that, which may be other
    // slots.
    while (co_await answers.ask_for(following.groups)) {
        live = co_await runtime.read({});
        if (!live)
            co_return live.error();
        following = follow(live->servers, settings);
    }

    Survey survey;
    survey.process = live->process;
    survey.problems = following.problems;
    for (model::Error& missing : missing_backends(following, settings))
        survey.problems.push_back(std::move(missing));
    for (Group& group : following.groups) {
        Surveyed& surveyed = survey.groups.emplace_back(group.key, answers.of(group.key.query));
        surveyed.slots = slots_of(std::move(group.slots), live->process);
        judge(surveyed, settings.of(group.key.backend.text()).policy);
    }

    std::vector<Desk> desks;
    for (Surveyed& group : survey.groups) {
        if (!group.has_target)
            continue;
        const plan::Policy& policy = settings.of(group.key.backend.text()).policy;
        Desk& desk =
            desks.emplace_back(&group.key, group.slots, &group.target, &policy, &group.history);
        desk.removals = doubt(group, desk, before);
    }
    const auto planned = co_await make_plans(runtime, desks, clock());
    if (!planned)
        co_return planned.error();
    std::size_t desk = 0;
    for (Surveyed& group : survey.groups)
        if (group.has_target)
            group.plan = std::move(desks[desk++].plan);
    co_return survey;
}

void withhold(Survey& survey, const Pauses& pauses) {
    for (Surveyed& group : survey.groups) {
        group.paused = pauses.of(group.key.backend.text()).has_value();
        if (!group.paused)
            continue;
        group.would = commands_of(group.plan);
        group.plan.addresses.clear();
        group.plan.changes.clear();
    }
}

}  // namespace slotd::sync
