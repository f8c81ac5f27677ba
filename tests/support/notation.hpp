// SPDX-License-Identifier: MIT
// A short notation for slots, instances and plans, so that a test reads as a table.
#pragma once

#include "slotd/model/instance.hpp"
#include "slotd/plan/history.hpp"
#include "slotd/plan/plan.hpp"

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace slotd::testing {

inline model::AddressPort at(const std::string& text) {
    const auto colon = text.rfind(':');
    std::string host = text.substr(0, colon);
    if (host.front() == '[')
        host = host.substr(1, host.size() - 2);
    const auto address = model::Address::parse(host);
    const auto port = model::Port::from(std::stol(text.substr(colon + 1)));
    if (!address || !port)
        throw std::invalid_argument("no address: " + text);
    return model::AddressPort(*address, *port);
}

inline model::SlotId slot_id(const std::string& server, const std::string& backend = "web") {
    return model::SlotId(*model::BackendName::parse(backend), *model::ServerName::parse(server));
}

/// "s1 ready 10.0.0.1:80 [weight 3] [line-weight 10] [for 60] [sessions 2] [check 1]"; the address
/// "-" is none; for: seconds in that state.
inline plan::Slot slot(const std::string& text) {
    std::istringstream in(text);
    std::string name;
    std::string state;
    std::string where;
    in >> name >> state >> where;
    model::Server server(slot_id(name));
    server.admin = state == "ready"   ? model::Admin::ready
                   : state == "drain" ? model::Admin::drain
                                      : model::Admin::maint;
    if (where != "-")
        server.at = at(where);
    server.since_change = std::chrono::seconds(3600);
    plan::Slot made(std::move(server));
    std::string word;
    long number = 0;
    while (in >> word >> number) {
        if (word == "weight")
            made.server.weight = model::Weight::clamped(number);
        else if (word == "line-weight")
            made.server.line_weight = model::Weight::clamped(number);
        else if (word == "for")
            made.server.since_change = std::chrono::seconds(number);
        else if (word == "check")
            made.server.has_check = number != 0;
        else if (word == "sessions")
            made.sessions = static_cast<std::uint64_t>(number);
        else
            throw std::invalid_argument("no such word: " + word);
    }
    return made;
}

inline std::vector<plan::Slot> slots(const std::vector<std::string>& texts) {
    std::vector<plan::Slot> made;
    for (const std::string& text : texts) made.push_back(slot(text));
    return made;
}

/// "web-1 10.0.0.1:80 [warning|critical] [maintenance] [weight 3] [warning-weight 2]", on node n1.
inline model::Instance instance(const std::string& text) {
    std::istringstream in(text);
    std::string id;
    std::string where;
    in >> id >> where;
    model::Instance made(model::InstanceId("n1", id), at(where));
    std::string word;
    while (in >> word) {
        if (word == "warning")
            made.health = model::Health::warning;
        else if (word == "critical")
            made.health = model::Health::critical;
        else if (word == "maintenance")
            made.maintenance = true;
        else if (word == "weight")
            in >> made.weight_passing;
        else if (word == "warning-weight")
            in >> made.weight_warning;
        else
            throw std::invalid_argument("no such word: " + word);
    }
    return made;
}

inline model::Instances instances(const std::vector<std::string>& texts) {
    model::Instances made;
    for (const std::string& text : texts) made.list.push_back(instance(text));
    return made;
}

/// "s1 addr 10.0.0.1:80 # reason".
inline std::string show(const model::Step& step) {
    std::string text = step.command.slot.server.text();
    if (const auto* address = std::get_if<model::SetAddress>(&step.command.change))
        text += " addr " + to_string(address->to);
    else if (const auto* weight = std::get_if<model::SetWeight>(&step.command.change))
        text += " weight " + std::to_string(weight->to.value());
    else
        text += " " + std::string(to_string(std::get<model::SetState>(step.command.change).to));
    return text + " # " + step.reason.text;
}

/// The steps in order, with "--" between the phases when there is a first one.
inline std::vector<std::string> show(const plan::Plan& plan) {
    std::vector<std::string> lines;
    for (const model::Step& step : plan.addresses) lines.push_back(show(step));
    if (!plan.addresses.empty())
        lines.emplace_back("--");
    for (const model::Step& step : plan.changes) lines.push_back(show(step));
    return lines;
}

}  // namespace slotd::testing
