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
constexpr milliseconds first_stat_pause(50);
// Consul did not agree, or could not be asked: the removal goes on waiting.
constexpr milliseconds confirm_retry(2000);

bool is_outage(model::Doubt doubt) {
    return doubt != model::Doubt::empty && doubt != model::Doubt::large_removal;
}

std::string seconds_since(model::Time since, model::Time now) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - since).count()) +
           " s";
}

std::size_t count_serving(const std::vector<model::Server>& servers,
                          const std::set<model::AddressPort>& all) {
    std::set<model::AddressPort> serving;
    for (const model::Server& server : servers)
        if (server.admin == model::Admin::ready && server.at && all.contains(*server.at))
            serving.insert(*server.at);
    return serving.size();
}

}  // namespace

GroupState::GroupState(GroupKey key_, plan::Policy policy_, model::Backoff retry_)
    : key(std::move(key_)), policy(policy_), retry(std::move(retry_)) {}

void GroupState::take(const plan::Policy& other) {
    if (policy == other)
        return;
    policy = other;
    judged_.reset();
    dirty = true;
}

void GroupState::judge_if_quiet(Report& report, model::Time now) {
    if (quiet_at > now)
        return;
    dirty = false;
    judge(report, now);
}

void GroupState::judge(Report& report, model::Time now) {
    std::shared_ptr<const model::Answer> latest = subscription->latest();
    burst_began_.reset();
    if (!latest || latest == judged_)
        return;
    judged_ = std::move(latest);
    // An answer that was there before anybody listened stirred nobody.
    stirred_at = stirred_at.value_or(now);
    retry_at.reset();
    plan::Target next;
    if (const auto* instances = std::get_if<model::Instances>(&*judged_)) {
        next = plan::make_target(*instances, policy);
        remark(*instances, next, report);
    }
    if (const auto doubt = plan::why_hold(*judged_, policy)) {
        hold(*doubt, report, now);
        // What Consul says is known and followed, by leaving all as it is.
        standing.filled = standing.filled || doubt->doubt == model::Doubt::empty;
    } else {
        trust(std::move(next), report, now);
    }
}

void GroupState::remark(const model::Instances& instances, const plan::Target& next,
                        Report& report) {
    refused_.clear();
    for (const model::Refused& one : instances.refused)
        refused_.emplace_back(to_string(one.id), one.why);
    std::vector<Remark> remarks = remarks_on(instances);
    for (Remark& more : remarks_on(next)) remarks.push_back(std::move(more));
    std::set<std::string> said;
    for (const Remark& remark : remarks) {
        if (!remarked_.contains(remark.key))
            report.remark(key.backend.text(), remark);
        said.insert(remark.key);
    }
    remarked_ = std::move(said);
}

void GroupState::hold(const model::Unknown& why, Report& report, model::Time now) {
    if (held_ && held_->doubt == why.doubt && !held_->blind) {
        // The watch tells an outage once: another text is another fault.
        const bool news = is_outage(why.doubt) && held_->detail != why.detail;
        held_->detail = why.detail;
        if (news)
            say_held(why, report, now);
        return;
    }
    if (held_ && is_outage(held_->doubt) && !is_outage(why.doubt))
        release(report, now);
    const model::Time since = held_ ? held_->since : now;
    held_.emplace(why.doubt, why.detail, since);
    say_held(why, report, now);
}

// An agent that comes and goes, or an error whose text is another one each time, is no flood.
void GroupState::say_held(const model::Unknown& why, Report& report, model::Time now) {
    if (!is_outage(why.doubt))
        report.held(key, why);
    else if (const auto detail = outages_said_.line(why.detail, now))
        report.held(key, model::Unknown(why.doubt, *detail));
}

void GroupState::release(Report& report, model::Time now) {
    if (!held_)
        return;
    const std::string& backend = key.backend.text();
    const unsigned tries = subscription->failures();
    std::string text = backend + ": no longer held (" + std::string(to_string(held_->doubt)) +
                       "), after " + seconds_since(held_->since, now);
    if (has_outage())
        text += " and " + std::to_string(tries) + (tries == 1 ? " try" : " tries");
    // An outage that was not said ends without a word, too.
    const bool is_said = outages_said_.over(now).has_value();
    if (is_said || !is_outage(held_->doubt))
        report.line(LogLevel::info, backend, text);
    if (held_->doubt != model::Doubt::large_removal && !held_->blind)
        shake();
    held_.reset();
}

void GroupState::shake() {
    shaky_ = true;
    shaky_until_.reset();
    doubted_.reset();
    confirm_at_.reset();
}

void GroupState::trust(plan::Target next, Report& report, model::Time now) {
    if (held_ && held_->doubt != model::Doubt::large_removal && !held_->blind)
        release(report, now);
    // One that began and ended since the last look was never held.
    if (outages_ != subscription->outages())
        shake();
    outages_ = subscription->outages();
    set_aside_.reset();
    follow(judged_, std::move(next));
}

void GroupState::follow(std::shared_ptr<const model::Answer> answer, plan::Target next) {
    target_answer_ = std::move(answer);
    target = std::move(next);
    counted_.reset();
}

plan::Target GroupState::target_of(const model::Answer& list) const {
    return plan::make_target(std::get<model::Instances>(list), policy);
}

void GroupState::bring_back(const std::vector<model::Server>& servers, Report& report,
                            model::Time now) {
    if (set_aside_) {
        const bool is_back = count_serving(servers, brought_back_) == brought_back_.size();
        if (!is_back && now < brought_back_until_)
            return;
        plan::Target next = target_of(*set_aside_);
        follow(std::exchange(set_aside_, nullptr), std::move(next));
        return;
    }
    if (!doubted_ || !undoubted_ || undoubted_ == target_answer_ ||
        count_serving(servers, doubted_at_) > 0)
        return;
    plan::Target both = *target;
    brought_back_.clear();
    for (const plan::Wanted& wanted : target_of(*undoubted_).wanted)
        if (wanted.role == plan::Role::serve && doubted_at_.contains(wanted.at) &&
            plan::bring_back(both, wanted))
            brought_back_.insert(wanted.at);
    if (brought_back_.empty())
        return;
    const std::string& backend = key.backend.text();
    report.line(LogLevel::info, backend,
                backend +
                    ": what a removal that waits to be confirmed would take away is out of "
                    "traffic all the same: it comes back first");
    set_aside_ = target_answer_;
    follow(undoubted_, std::move(both));
    // No longer than that: what can't come back must not keep out what Consul has.
    brought_back_until_ = now + policy.confirm;
    // The removal is doubted anew then, however little it takes away.
    shake();
}

plan::Removals GroupState::doubt(const std::vector<plan::Slot>& slots, const plan::Seating& seating,
                                 Report& report, model::Time now) {
    const bool serves = std::any_of(slots.begin(), slots.end(), [](const plan::Slot& slot) {
        return slot.server.admin == model::Admin::ready;
    });
    if (shaky_ && !shaky_until_)
        shaky_until_ = now + policy.confirm;
    if ((!serves && !set_aside_) || (!doubted_ && now >= shaky_until_))
        shaky_ = false;
    plan::Policy strict = policy;
    if (shaky_)
        strict.large_removal = 0;
    const auto removal = plan::doubt(slots, *target, seating, strict, history);
    const bool confirmed = subscription->confirmed() == target_answer_ && doubted_ &&
                           now >= *doubted_ + policy.confirm;
    if (!removal || confirmed || (acted_on_ && acted_on_ == target_answer_)) {
        acted_on_ = confirmed ? target_answer_ : acted_on_;
        undoubted_ = target_answer_;
        doubted_.reset();
        confirm_at_.reset();
        shaky_ = shaky_ && !confirmed;
        if (held_ && held_->doubt == model::Doubt::large_removal)
            release(report, now);
        look_for_blind_spots(slots, report, now);
        return plan::Removals::apply;
    }
    // What is taken away besides is confirmed as long as the rest.
    if (!doubted_ || !std::includes(doubted_at_.begin(), doubted_at_.end(), removal->lost.begin(),
                                    removal->lost.end())) {
        doubted_ = now;
        confirm_at_ = now + policy.confirm;
    }
    doubted_at_ = removal->lost;
    // Else Consul says something else by now, or nothing: that is what it is held for.
    const bool is_latest = target_answer_ == judged_;
    if (is_latest && policy.confirm.count() > 0)
        hold(removal->why, report, now);
    if (*confirm_at_ <= now) {
        confirm_at_ = now + confirm_retry;
        if (is_latest)
            subscription->confirm();
    }
    return removal->removals;
}

bool GroupState::has_outage() const {
    return held_ && is_outage(held_->doubt) && !held_->blind;
}

// Slots that may not be emptied for want of a right: the plan leaves them alone by itself.
void GroupState::look_for_blind_spots(const std::vector<plan::Slot>& slots, Report& report,
                                      model::Time now) {
    const auto blind = plan::out_of_sight(slots, *target, history);
    if (held_ && held_->blind && !blind)
        release(report, now);
    if (!blind || held_)
        return;
    hold(*blind, report, now);
    held_->blind = true;
}

void GroupState::stir(model::Time now) {
    dirty = true;
    if (!stirred_at)
        stirred_at = now;
    if (!burst_began_)
        burst_began_ = now;
    // A burst that never ends is acted on all the same.
    quiet_at = std::min(now + policy.settle, *burst_began_ + 10 * policy.settle);
}

void GroupState::schedule(const plan::Plan& plan, model::Time now, milliseconds poll) {
    wake = plan.wake;
    if (confirm_at_)
        wake = std::min(wake.value_or(model::Time::max()), *confirm_at_);
    if (set_aside_)
        wake = std::min(wake.value_or(model::Time::max()), now + first_stat_pause);
    if (!plan.watches_stat) {
        stat_pause = milliseconds(0);
        return;
    }
    stat_pause = stat_pause.count() == 0
                     ? first_stat_pause
                     : std::min(stat_pause * 2, std::max(poll, first_stat_pause));
    wake = std::min(wake.value_or(model::Time::max()), now + stat_pause);
}

}  // namespace slotd::sync
