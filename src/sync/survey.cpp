// SPDX-License-Identifier: MIT
#include "slotd/sync/survey.hpp"

#include "slotd/plan/trust.hpp"
#include "slotd/sync/round.hpp"

#include <map>

namespace slotd::sync {
namespace {

void judge(Surveyed& group, const model::Answer& answer, const plan::Policy& policy) {
    group.held = plan::why_hold(answer, policy);
    if (const auto* instances = std::get_if<model::Instances>(&answer))
        group.remarks = remarks_on(*instances);
    if (group.held)
        return;
    group.target = plan::make_target(std::get<model::Instances>(answer), policy);
    for (Remark& more : remarks_on(group.target)) group.remarks.push_back(std::move(more));
}

}  // namespace

asio::awaitable<model::Result<Survey>> survey(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, Clock clock) {
    const auto live = co_await runtime.read({});
    if (!live)
        co_return live.error();
    Following following = follow(live->servers, settings);

    Survey survey;
    survey.process = live->process;
    survey.problems = following.problems;
    for (model::Error& missing : missing_backends(following, settings))
        survey.problems.push_back(std::move(missing));

    std::map<catalog::Query, model::Answer> answers;
    for (Group& group : following.groups) {
        const catalog::Query& query = group.key.query;
        auto known = answers.find(query);
        if (known == answers.end()) {
            catalog::Heard heard = co_await source.ask(query, std::nullopt);
            known = answers.emplace(query, std::move(heard.answer)).first;
        }
        Surveyed& surveyed = survey.groups.emplace_back(group.key);
        for (model::Server& server : group.slots) surveyed.slots.emplace_back(std::move(server));
        judge(surveyed, known->second, settings.of(group.key.backend.text()).policy);
    }

    std::vector<Desk> desks;
    for (Surveyed& group : survey.groups)
        if (!group.held)
            desks.emplace_back(&group.key, group.slots, &group.target,
                               &settings.of(group.key.backend.text()).policy, &group.history);
    const auto planned = co_await make_plans(runtime, desks, clock());
    if (!planned)
        co_return planned.error();
    std::size_t desk = 0;
    for (Surveyed& group : survey.groups)
        if (!group.held)
            group.plan = std::move(desks[desk++].plan);
    co_return survey;
}

}  // namespace slotd::sync
