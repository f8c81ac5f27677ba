// SPDX-License-Identifier: MIT
#include "slotd/app/plan_text.hpp"

#include "count.hpp"
#include "slotd/haproxy/format.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace slotd::app {
namespace {

using Json = nlohmann::ordered_json;
using Steps = std::vector<model::Step>;

std::string names(const std::vector<model::InstanceId>& instances) {
    std::string text;
    for (const model::InstanceId& one : instances)
        text += (text.empty() ? "" : ", ") + to_string(one);
    return text;
}

std::string comment(const std::string& text) {
    return "# " + text + "\n";
}

std::string text_about(const sync::Surveyed& group) {
    const std::string& backend = group.key.backend.text();
    std::string text = comment(backend + ": " + count(group.slots.size(), "slot") + " of " +
                               in_a_sentence(group.key.query));
    if (group.held)
        text += comment(backend + ": held, what is live stays (" +
                        std::string(to_string(group.held->doubt)) + "): " + group.held->detail);
    for (const sync::Remark& remark : group.remarks) text += comment(backend + ": " + remark.text);
    if (!group.plan.waiting.empty())
        text += comment(backend + ": " + count(group.plan.waiting.size(), "instance") +
                        " without a slot: " + names(group.plan.waiting));
    if (group.paused)
        text += comment(backend + ": paused" + (group.would.empty() ? "" : "; else would be sent:"));
    for (const std::string& command : group.would) text += comment("    " + command);
    return text;
}

Steps collect(const sync::Survey& survey, Steps plan::Plan::*phase) {
    Steps steps;
    for (const sync::Surveyed& group : survey.groups) {
        const Steps& own = group.plan.*phase;
        steps.insert(steps.end(), own.begin(), own.end());
    }
    return steps;
}

Json json_of(const Steps& steps) {
    Json list = Json::array();
    for (const model::Step& step : steps)
        list.push_back({{"command", haproxy::format(step.command)},
                        {"slot", step.command.slot.server.text()},
                        {"instance", step.reason.instance},
                        {"why", to_string(step.reason.why)},
                        {"reason", step.reason.text}});
    return list;
}

Json json_of(const sync::Surveyed& group) {
    const catalog::Query& query = group.key.query;
    Json held = nullptr;
    if (group.held)
        held = {{"reason", to_string(group.held->doubt)}, {"detail", group.held->detail}};
    Json waiting = Json::array();
    for (const model::InstanceId& one : group.plan.waiting) waiting.push_back(to_string(one));
    Json remarks = Json::array();
    for (const sync::Remark& remark : group.remarks) remarks.push_back(remark.text);
    return {{"name", group.key.backend.text()},
            {"service", query.service},
            {"kv", query.key},
            {"tags", query.tags},
            {"datacenter", query.datacenter},
            {"filter", query.filter},
            {"slots", group.slots.size()},
            {"held", held},
            {"waiting", waiting},
            {"remarks", remarks},
            {"paused", group.paused},
            {"would", group.would},
            {"addresses", json_of(group.plan.addresses)},
            {"changes", json_of(group.plan.changes)}};
}

Json json_of(const Planned& planned) {
    const model::Process& process = planned.survey.process;
    Json backends = Json::array();
    for (const sync::Surveyed& group : planned.survey.groups) backends.push_back(json_of(group));
    Json problems = Json::array();
    for (const model::Error& problem : planned.survey.problems)
        problems.push_back(to_string(problem));
    return {{"socket", planned.socket},
            {"haproxy", {{"version", process.version}, {"pid", process.pid}}},
            {"backends", backends},
            {"problems", problems}};
}

}  // namespace

Steps Planned::addresses() const {
    return collect(survey, &plan::Plan::addresses);
}

Steps Planned::changes() const {
    return collect(survey, &plan::Plan::changes);
}

std::string step_text(const model::Step& step) {
    return comment(step.reason.text) + haproxy::format(step.command) + "\n";
}

std::string plan_text(const Planned& planned) {
    const model::Process& process = planned.survey.process;
    std::string text = comment("HAProxy " + process.version + ", pid " +
                               std::to_string(process.pid) + ", on " + planned.socket);
    for (const model::Error& problem : planned.survey.problems) text += comment(to_string(problem));
    for (const sync::Surveyed& group : planned.survey.groups) text += text_about(group);

    const Steps addresses = planned.addresses();
    const Steps changes = planned.changes();
    if (!addresses.empty()) {
        text += "#\n" + comment("First the addresses (" + count(addresses.size(), "command") +
                                "); HAProxy has to show them before the rest is sent.");
        for (const model::Step& step : addresses) text += step_text(step);
    }
    if (!changes.empty()) {
        text += "#\n" + comment((addresses.empty() ? "The changes (" : "Then the changes (") +
                                count(changes.size(), "command") + ").");
        for (const model::Step& step : changes) text += step_text(step);
    }
    if (addresses.empty() && changes.empty())
        text += comment("Nothing to send.");
    return text;
}

std::string plan_commands(const Planned& planned) {
    std::string text;
    for (const Steps& phase : {planned.addresses(), planned.changes()})
        for (const model::Step& step : phase) text += haproxy::format(step.command) + "\n";
    return text;
}

std::string plan_json(const std::vector<Planned>& all) {
    Json sockets = Json::array();
    std::size_t commands = 0;
    for (const Planned& planned : all) {
        commands += planned.addresses().size() + planned.changes().size();
        sockets.push_back(json_of(planned));
    }
    const Json document = {
        {"version", SLOTD_VERSION}, {"commands", commands}, {"sockets", sockets}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace slotd::app
