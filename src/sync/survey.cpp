// SPDX-License-Identifier: MIT
#include "slotd/sync/survey.hpp"

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
    group.target = plan::make_target(std::get<model::Instances>(group.answer), policy);
    for (Remark& more : remarks_on(group.target)) group.remarks.push_back(std::move(more));
}

bool said_before(const Surveyed& group, const Survey* before) {
    return before &&
           std::any_of(before->groups.begin(), before->groups.end(), [&](const Surveyed& old) {
               return old.key == group.key && old.answer == group.answer;
           });
}

plan::Removals doubt(Surveyed& group, const plan::Policy& policy, const Survey* before) {
    const auto removal = plan::doubt(group.slots, group.target, policy);
    if (!removal || said_before(group, before))
        return plan::Removals::apply;
    group.held = removal->why;
    return removal->removals;
}

/// Asks each query once; a Consul that can't be reached is not asked on.
class Answers {
  public:
    explicit Answers(catalog::Source& source) : source_(source) {}

    asio::awaitable<model::Answer> get(catalog::Query query) {
        if (unreachable_)
            co_return *unreachable_;
        if (const auto known = answers_.find(query); known != answers_.end())
            co_return known->second;
        const catalog::Heard heard = co_await source_.ask(query, std::nullopt);
        const auto* unknown = std::get_if<model::Unknown>(&heard.answer);
        if (unknown && unknown->doubt == model::Doubt::unreachable)
            unreachable_ = *unknown;
        answers_.emplace(std::move(query), heard.answer);
        co_return heard.answer;
    }

  private:
    catalog::Source& source_;
    std::map<catalog::Query, model::Answer> answers_;
    std::optional<model::Unknown> unreachable_;
};

}  // namespace

asio::awaitable<model::Result<Survey>> survey(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, Clock clock,
                                              const Survey* before) {
    const auto live = co_await runtime.read({});
    if (!live)
        co_return live.error();
    Following following = follow(live->servers, settings);

    Survey survey;
    survey.process = live->process;
    survey.problems = following.problems;
    for (model::Error& missing : missing_backends(following, settings))
        survey.problems.push_back(std::move(missing));

    Answers answers(source);
    for (Group& group : following.groups) {
        model::Answer answer = co_await answers.get(group.key.query);
        Surveyed& surveyed = survey.groups.emplace_back(group.key, std::move(answer));
        surveyed.slots = slots_of(std::move(group.slots), live->process);
        judge(surveyed, settings.of(group.key.backend.text()).policy);
    }

    std::vector<Desk> desks;
    for (Surveyed& group : survey.groups) {
        if (group.held)
            continue;
        const plan::Policy& policy = settings.of(group.key.backend.text()).policy;
        Desk& desk =
            desks.emplace_back(&group.key, group.slots, &group.target, &policy, &group.history);
        desk.removals = doubt(group, policy, before);
    }
    const auto planned = co_await make_plans(runtime, desks, clock());
    if (!planned)
        co_return planned.error();
    std::size_t desk = 0;
    for (Surveyed& group : survey.groups)
        if (!group.is_blind())
            group.plan = std::move(desks[desk++].plan);
    co_return survey;
}

}  // namespace slotd::sync
