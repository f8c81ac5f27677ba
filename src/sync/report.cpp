// SPDX-License-Identifier: MIT
#include "report.hpp"

#include "slotd/haproxy/format.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace slotd::sync {
namespace {

using model::SetState;
using model::Step;

bool is_state(const Step& step) {
    return std::holds_alternative<SetState>(step.command.change);
}

using Servers = std::unordered_map<model::SlotId, const model::Server*, model::SlotHash>;
using SlotSet = std::unordered_set<model::SlotId, model::SlotHash>;

Servers servers_of(const Desk& desk) {
    Servers servers;
    for (const plan::Slot& slot : desk.slots) servers.emplace(slot.server.id, &slot.server);
    return servers;
}

// A filled slot is one change, told by its last command.
SlotSet slots_with_state(const std::vector<const Done*>& good) {
    SlotSet slots;
    for (const Done* one : good)
        if (is_state(one->step))
            slots.insert(one->step.command.slot);
    return slots;
}

bool contains(const std::vector<Step>& steps, const Step& step) {
    return std::any_of(steps.begin(), steps.end(),
                       [&](const Step& other) { return other.command == step.command; });
}

Event event_of(LogLevel level, const std::string& socket, const std::string& backend,
               const std::string& text, const std::vector<LogField>& fields) {
    Event event;
    event.level = level;
    event.socket = socket;
    event.backend = backend;
    event.text = text;
    for (const LogField& field : fields) {
        if (field.name == "slot")
            event.slot = field.value;
        else if (field.name == "instance")
            event.instance = field.value;
    }
    return event;
}

}  // namespace

Report::Report(Log& log, std::string socket, const Settings& settings, Events* events)
    : log_(log), events_(events), socket_(std::move(socket)), settings_(settings) {}

void Report::line(LogLevel level, const std::string& backend, const std::string& text,
                  std::vector<LogField> fields) {
    if (events_ && level >= LogLevel::info)
        events_->add(event_of(level, socket_, backend, text, fields));
    if (!log_.enabled(level))
        return;
    fields.insert(fields.begin(), LogField("socket", socket_));
    if (!backend.empty())
        fields.insert(fields.begin() + 1, LogField("backend", backend));
    log_.write(level, settings_.sockets.size() > 1 ? socket_ + ": " + text : text, fields);
}

void Report::error(LogLevel level, const model::Error& error) {
    line(level, {}, to_string(error));
}

void Report::withheld(const std::string& backend, const std::vector<std::string>& commands) {
    line(LogLevel::info, backend,
         backend + ": paused; would send \"" + commands.front() + "\"" +
             (commands.size() == 1 ? "" : " and " + std::to_string(commands.size() - 1) + " more"));
}

void Report::held(const GroupKey& key, const model::Unknown& why) {
    const std::string& backend = key.backend.text();
    const std::string reason(to_string(why.doubt));
    line(LogLevel::warn, backend,
         backend + ": held, what is live stays (" + reason + "): " + why.detail,
         {LogField(key.query.is_of_key() ? "key" : "service", catalog::to_string(key.query)),
          LogField("held", reason)});
}

void Report::remark(const std::string& backend, const Remark& remark) {
    line(LogLevel::warn, backend, backend + ": " + remark.text,
         {LogField("instance", remark.instance)});
}

Told Report::changes(const Desk& desk, const std::vector<Done>& done, const Desk& again,
                     model::Time now) {
    std::vector<const Done*> good;
    std::vector<const Done*> failed;
    const std::string& backend = desk.key->backend.text();
    const Servers own = servers_of(desk);
    Told told;
    for (const Done& one : done) {
        if (!own.contains(one.step.command.slot))
            continue;
        const bool repeated =
            contains(again.plan.addresses, one.step) || contains(again.plan.changes, one.step);
        told.repeated = told.repeated || repeated;
        (one.outcome.ok() && !repeated ? good : failed).push_back(&one);
        if (log_.enabled(LogLevel::debug))
            line(LogLevel::debug, backend,
                 haproxy::format(one.step.command) + " -> " +
                     (one.outcome.text.empty() ? "ok" : one.outcome.text));
    }
    const Servers shown = servers_of(again);
    const SlotSet told_by_state = slots_with_state(good);
    for (const Done* one : good) {
        const Step& step = one->step;
        const auto found = shown.find(step.command.slot);
        const bool sets_address = std::holds_alternative<model::SetAddress>(step.command.change);
        if (found == shown.end() || sets_address ||
            (!is_state(step) && told_by_state.contains(step.command.slot)))
            continue;
        const model::Server* server = found->second;
        const std::string slot = step.command.slot.server.text();
        const std::string at = server->at ? to_string(*server->at) : "no address";
        const std::string weight = std::to_string(server->weight.value());
        const std::string state(to_string(server->admin));
        const std::string what = is_state(step) ? state : "weight " + weight;
        line(LogLevel::info, backend,
             to_string(step.command.slot) + (settings_.dry_run ? " would be " : " ") + what +
                 " at " + at +
                 (is_state(step) && server->admin == model::Admin::ready ? ", weight " + weight
                                                                         : "") +
                 ": " + step.reason.text,
             {LogField("slot", slot), LogField("state", state), LogField("address", at),
              LogField("weight", weight), LogField("instance", step.reason.instance),
              LogField("why", std::string(to_string(step.reason.why)))});
    }
    told.any = !good.empty();
    told.failure = failures(backend, failed, now);
    // A weight that the algorithm does not take is said, and not served: there is nothing to
    // retry.
    told.well = std::all_of(failed.begin(), failed.end(), [](const Done* one) {
        return one->outcome.kind == haproxy::OutcomeKind::static_algorithm;
    });
    return told;
}

std::string Report::failures(const std::string& backend, const std::vector<const Done*>& failed,
                             model::Time now) {
    std::map<std::string, std::vector<const Done*>> by_text;
    for (const Done* one : failed) {
        std::string text = one->outcome.ok() ? "HAProxy took it, but shows no change"
                                             : "HAProxy says: " + one->outcome.text;
        const std::string_view advice = haproxy::advice(one->outcome.kind);
        if (!advice.empty())
            text += " (" + std::string(advice) + ")";
        by_text[text].push_back(one);
    }
    std::string said_first;
    for (const auto& [text, those] : by_text) {
        const Step& first = those.front()->step;
        std::string what = "\"" + haproxy::format(first.command) + "\"";
        if (those.size() > 1)
            what += " and " + std::to_string(those.size() - 1) + " more";
        what = to_string(first.command.slot) + ": " + what + " failed: " + text;
        if (said_first.empty())
            said_first = what;
        // The slot may be another one each time.
        if (const auto again = failures_[backend].line(text, now))
            line(LogLevel::warn, backend, what + again->substr(text.size()),
                 {LogField("slot", first.command.slot.server.text()),
                  LogField("instance", first.reason.instance)});
    }
    return said_first;
}

void Report::well(const std::string& backend, model::Time now) {
    const auto found = failures_.find(backend);
    if (found == failures_.end())
        return;
    const auto over = found->second.over(now);
    if (over && over->tries > 1)
        line(LogLevel::info, backend, backend + ": nothing fails any more, " + over->text);
}

void Report::waiting(const std::string& backend, const std::vector<model::InstanceId>& now,
                     std::vector<model::InstanceId>& before) {
    if (now == before)
        return;
    constexpr std::size_t most = 20;
    std::string names;
    for (std::size_t i = 0; i < std::min(now.size(), most); ++i)
        names += (i == 0 ? "" : ", ") + to_string(now[i]);
    if (now.size() > most)
        names += " and " + std::to_string(now.size() - most) + " more";
    if (now.empty())
        line(LogLevel::info, backend, backend + ": no instance waits for a slot any more");
    else
        line(LogLevel::warn, backend,
             backend + ": " + std::to_string(now.size()) +
                 (now.size() == 1 ? " instance waits" : " instances wait") +
                 " for a slot: " + names + " (add slots to the backend's server-template)",
             {LogField("waiting", names)});
    before = now;
}

}  // namespace slotd::sync
