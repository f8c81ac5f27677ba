// SPDX-License-Identifier: MIT
#include "slotd/admin/events_text.hpp"

#include "json.hpp"
#include "number.hpp"

namespace slotd::admin {
namespace {

void add(Json& json, const sync::Event& event) {
    json.open('{').key("number").number(event.number).key("time").time(event.time);
    json.key("level").text(to_string(event.level)).key("socket").text_or_null(event.socket);
    json.key("backend").text_or_null(event.backend).key("slot").text_or_null(event.slot);
    json.key("instance").text_or_null(event.instance).key("file").text_or_null(event.file);
    json.key("version").number_or_null(event.version).key("text").text(event.text).close('}');
}

}  // namespace

std::string events_json(const std::vector<sync::Event>& events, std::uint64_t last) {
    Json json;
    json.open('{').key("last").number(last).key("events").open('[');
    for (const sync::Event& event : events) add(json, event);
    json.close(']').close('}');
    return json.take() + "\n";
}

std::optional<std::uint64_t> EventStreamText::read_id(std::string_view id) const {
    const auto dash = id.find('-');
    const auto run = parse_number(id.substr(0, dash));
    if (dash == std::string_view::npos || !run)
        return std::nullopt;
    const auto number = parse_number(id.substr(dash + 1));
    return number && *run != run_ ? 0 : number;
}

std::string EventStreamText::message(const sync::Event& event) const {
    Json json;
    add(json, event);
    return "id: " + std::to_string(run_) + "-" + std::to_string(event.number) +
           "\ndata: " + json.take() + "\n\n";
}

std::string EventStreamText::missed(std::uint64_t count) {
    return "event: missed\ndata: " + std::to_string(count) + "\n\n";
}

}  // namespace slotd::admin
