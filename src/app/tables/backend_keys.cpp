// SPDX-License-Identifier: MIT
#include "key_takes.hpp"
#include "slotd/app/config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace slotd::app {
namespace {

using std::chrono::milliseconds;
using sync::BackendSettings;

template <auto member>
std::string take_backend_text(BackendSettings& backend, const Value& value) {
    return take_string(backend.*member, value);
}

std::string take_tags(BackendSettings& backend, const Value& value) {
    std::vector<std::string> tags;
    if (!take_strings(tags, value).empty() ||
        std::any_of(tags.begin(), tags.end(), [](const std::string& tag) { return tag.empty(); }))
        return "a list of strings that are not empty";
    backend.tags = std::move(tags);
    return {};
}

std::string take_kv(BackendSettings& backend, const Value& value) {
    const auto* key = std::get_if<std::string>(&value);
    if (!key || (!key->empty() && !catalog::check_key(*key)))
        return "a KV key as `consul kv get` takes it, without a / in front";
    backend.kv = *key;
    return {};
}

std::string take_weight(BackendSettings& backend, const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* number = std::get_if<std::int64_t>(&value);
    if (text && *text == "consul") {
        backend.policy.weight.reset();
        return {};
    }
    if (!number || *number < 0 || *number > model::Weight::most)
        return "\"consul\" or a number from 0 to 256";
    backend.policy.weight = model::Weight::clamped(*number);
    return {};
}

std::string take_large_removal(BackendSettings& backend, const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    unsigned percent = 0;
    if (text) {
        const auto read = std::from_chars(text->data(), text->data() + text->size(), percent);
        if (read.ec == std::errc() && std::string_view(read.ptr) == "%" && percent <= 100) {
            backend.policy.large_removal = percent;
            return {};
        }
    }
    return "a share from \"0%\" to \"100%\"";
}

constexpr std::array backend_table{
    Key<BackendSettings>{"backend", "service", "\"\"",
                         "Consul's name of the service; empty: what the slots name, else the "
                         "backend's own name",
                         take_backend_text<&BackendSettings::service>, R"("shop")"},
    Key<BackendSettings>{"backend", "kv", "\"\"",
                         "a KV key with a list of servers, instead of a service, tags and a filter",
                         take_kv, R"("haproxy/web")"},
    Key<BackendSettings>{"backend", "tags", "[]", "only instances that have all of these tags",
                         take_tags, R"(["prod"])"},
    Key<BackendSettings>{
        "backend", "filter", "\"\"", "only instances that match, in Consul's filter language",
        take_backend_text<&BackendSettings::filter>, R"('Service.Meta.zone == "a"')"},
    Key<BackendSettings>{"backend", "datacenter", "\"\"",
                         "the datacenter; empty: what the slots name, else that of [consul]",
                         take_backend_text<&BackendSettings::datacenter>, R"("dc2")"},
    Key<BackendSettings>{"backend", "slots", "\"\"",
                         "hands over servers whose lines name no service: a glob on their names",
                         take_backend_text<&BackendSettings::slots>, R"("app*")"},
    Key<BackendSettings>{
        "backend", "on_warning", "\"serve\"",
        "what a warning instance does: \"serve\" (with Consul's warning weight), \"drain\" or "
        "\"maint\"",
        [](BackendSettings& b, const Value& v) {
            static constexpr std::array<std::pair<std::string_view, plan::OnWarning>, 3> choices{
                {{"serve", plan::OnWarning::serve},
                 {"drain", plan::OnWarning::drain},
                 {"maint", plan::OnWarning::maint}}};
            return take_choice(b.policy.on_warning, v, choices);
        }},
    Key<BackendSettings>{
        "backend", "on_critical", "\"maint\"",
        "what a critical instance does: \"maint\" or \"drain\"; the slot stays its own",
        [](BackendSettings& b, const Value& v) {
            static constexpr std::array<std::pair<std::string_view, plan::OnCritical>, 2> choices{
                {{"maint", plan::OnCritical::maint}, {"drain", plan::OnCritical::drain}}};
            return take_choice(b.policy.on_critical, v, choices);
        }},
    Key<BackendSettings>{
        "backend", "on_empty", "\"hold\"",
        "what an empty list does: \"hold\" leaves what is live, \"apply\" empties the backend",
        [](BackendSettings& b, const Value& v) {
            static constexpr std::array<std::pair<std::string_view, plan::OnEmpty>, 2> choices{
                {{"hold", plan::OnEmpty::hold}, {"apply", plan::OnEmpty::apply}}};
            return take_choice(b.policy.on_empty, v, choices);
        }},
    Key<BackendSettings>{
        "backend", "drain", "\"30s\"",
        "how long a leaving instance keeps its open connections; \"0s\": not at all",
        [](BackendSettings& b, const Value& v) {
            return take_time(b.policy.drain, v, milliseconds(0), std::chrono::hours(24 * 7),
                             "a time from \"0s\" to \"168h\"");
        }},
    Key<BackendSettings>{
        "backend", "settle", "\"0s\"", "how long it must be quiet before a burst is acted on",
        [](BackendSettings& b, const Value& v) {
            return take_time(b.policy.settle, v, milliseconds(0), std::chrono::minutes(1),
                             "a time from \"0s\" to \"1m\"");
        }},
    Key<BackendSettings>{"backend", "large_removal", "\"50%\"",
                         "an answer that takes away more than this share of what serves is "
                         "confirmed first",
                         take_large_removal},
    Key<BackendSettings>{"backend", "confirm", "\"10s\"",
                         "for how long a large removal must stay true before it is acted on",
                         [](BackendSettings& b, const Value& v) {
                             return take_time(b.policy.confirm, v, milliseconds(0),
                                              std::chrono::hours(1),
                                              "a time from \"0s\" to \"1h\"");
                         }},
    Key<BackendSettings>{"backend", "weight", "\"consul\"",
                         "\"consul\", or a fixed number from 0 to 256", take_weight},
    Key<BackendSettings>{
        "backend", "gate", "false",
        "true holds a new instance back until HAProxy's own check has passed (slots with `check`)",
        [](BackendSettings& b, const Value& v) { return take_bool(b.policy.gate, v); }},
};

}  // namespace

std::span<const Key<BackendSettings>> backend_keys() {
    return backend_table;
}

}  // namespace slotd::app
