// SPDX-License-Identifier: MIT
#include "group.hpp"

#include "slotd/plan/trust.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace slotd::sync {
namespace {

using std::chrono::milliseconds;

// A drain that has nothing to wait for is over in a moment; a long one is looked at with each poll.
constexpr milliseconds first_session_pause(50);

std::string seconds_since(model::Time since, model::Time now) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - since).count()) +
           " s";
}

}  // namespace

GroupState::GroupState(GroupKey key_, plan::Policy policy_, model::Backoff retry_)
    : key(std::move(key_)), policy(policy_), retry(std::move(retry_)) {}

void GroupState::judge(Report& report, model::Time now) {
    std::shared_ptr<const model::Answer> latest = subscription->latest();
    if (!latest || latest == judged_)
        return;
    judged_ = std::move(latest);
    if (const auto doubt = plan::why_hold(*judged_, policy))
        hold(*doubt, report, now);
    else
        trust(std::get<model::Instances>(*judged_), report, now);
}

void GroupState::hold(const model::Unknown& why, Report& report, model::Time now) {
    if (held_ && held_->doubt == why.doubt)
        return;
    const model::Time since = held_ ? held_->since : now;
    held_ = Hold{why.doubt, since};
    report.held(key, why);
}

void GroupState::trust(const model::Instances& instances, Report& report, model::Time now) {
    const std::string& backend = key.backend.text();
    if (held_) {
        report.line(LogLevel::info, backend,
                    backend + ": no longer held (" + std::string(to_string(held_->doubt)) +
                        "), after " + seconds_since(held_->since, now));
        held_.reset();
    }
    target = plan::make_target(instances, policy);

    std::vector<Remark> remarks = remarks_on(instances);
    for (Remark& more : remarks_on(*target)) remarks.push_back(std::move(more));
    std::set<std::string> said;
    for (const Remark& remark : remarks) {
        if (!remarked_.contains(remark.text))
            report.remark(backend, remark);
        said.insert(remark.text);
    }
    remarked_ = std::move(said);
}

void GroupState::schedule(const plan::Plan& plan, model::Time now, milliseconds poll) {
    wake = plan.wake;
    if (!plan.watches_sessions) {
        session_pause = milliseconds(0);
        return;
    }
    session_pause = session_pause.count() == 0
                        ? first_session_pause
                        : std::min(session_pause * 2, std::max(poll, first_session_pause));
    wake = std::min(wake.value_or(model::Time::max()), now + session_pause);
}

}  // namespace slotd::sync
