// SPDX-License-Identifier: MIT
#include "slotd/app/config.hpp"
#include "slotd/model/duration.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

// The two tables of keys. A `take` answers how the value should look when it does not.

namespace slotd::app {
namespace {

using std::chrono::milliseconds;
using sync::BackendSettings;

std::string take_string(std::string& to, const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    if (!text)
        return "a string";
    to = *text;
    return {};
}

std::string take_strings(std::vector<std::string>& to, const Value& value) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    if (!texts)
        return "a list of strings";
    to = *texts;
    return {};
}

template <auto member>
std::string take_backend_text(BackendSettings& backend, const Value& value) {
    return take_string(backend.*member, value);
}

template <typename Enum, std::size_t count>
std::string take_choice(Enum& to, const Value& value,
                        const std::array<std::pair<std::string_view, Enum>, count>& choices) {
    const auto* text = std::get_if<std::string>(&value);
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        if (text && *text == choices[i].first) {
            to = choices[i].second;
            return {};
        }
        names += (i == 0           ? "\""
                  : i + 1 == count ? " or \""
                                   : ", \"") +
                 std::string(choices[i].first) + "\"";
    }
    return names;
}

std::string take_time(milliseconds& to, const Value& value, milliseconds least, milliseconds most,
                      std::string_view expected) {
    const auto* text = std::get_if<std::string>(&value);
    const auto time = text ? model::parse_duration(*text) : std::nullopt;
    if (!time || *time < least || *time > most)
        return std::string(expected);
    to = *time;
    return {};
}

std::string take_wait(Config& config, const Value& value) {
    milliseconds wait{0};
    std::string wrong = take_time(wait, value, std::chrono::seconds(1), std::chrono::minutes(10),
                                  "a time of whole seconds from \"1s\" to \"10m\"");
    if (wrong.empty() && wait.count() % 1000 != 0)
        wrong = "a time of whole seconds from \"1s\" to \"10m\"";
    if (wrong.empty())
        config.consul.scope.wait = std::chrono::duration_cast<std::chrono::seconds>(wait);
    return wrong;
}

std::string take_sockets(Config& config, const Value& value) {
    std::vector<std::string> texts;
    std::string wrong = take_strings(texts, value);
    if (!wrong.empty() || texts.empty())
        return "a list of paths or tcp://HOST:PORT, with at least one";
    for (const std::string& text : texts) {
        auto socket = net::SocketAddress::parse(text);
        if (!socket)
            return "a list of paths or tcp://HOST:PORT (of \"" + model::printable(text) +
                   "\": " + socket.error().what + ")";
        config.work.sockets.push_back(*std::move(socket));
    }
    return {};
}

std::string take_tags(BackendSettings& backend, const Value& value) {
    std::vector<std::string> tags;
    if (!take_strings(tags, value).empty() ||
        std::any_of(tags.begin(), tags.end(), [](const std::string& tag) { return tag.empty(); }))
        return "a list of strings that are not empty";
    backend.tags = std::move(tags);
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

std::string take_state_file(Config& config, const Value& value) {
    const auto* path = std::get_if<std::string>(&value);
    if (!path || (!path->empty() && (path->front() != '/' || path->back() == '/')))
        return "the absolute path of a file";
    config.work.state_file = *path;
    return {};
}

constexpr std::array config_table{
    Key<Config>{"consul", "address", "\"http://127.0.0.1:8500\"",
                "Consul's HTTP address: http://, https:// or unix:///path",
                [](Config& c, const Value& v) { return take_string(c.consul.address, v); }},
    Key<Config>{"consul", "token", "\"\"", "the ACL token; token_file keeps it out of this file",
                [](Config& c, const Value& v) { return take_string(c.consul.token, v); }},
    Key<Config>{"consul", "token_file", "\"\"",
                "a file that holds the ACL token, read again before each request; beats token",
                [](Config& c, const Value& v) { return take_string(c.consul.token_file, v); }},
    Key<Config>{"consul", "ca_file", "\"\"", "", nullptr},
    Key<Config>{"consul", "ca_path", "\"\"", "", nullptr},
    Key<Config>{"consul", "client_cert", "\"\"", "", nullptr},
    Key<Config>{"consul", "client_key", "\"\"", "", nullptr},
    Key<Config>{"consul", "tls_server_name", "\"\"", "", nullptr},
    Key<Config>{"consul", "verify", "true", "", nullptr},
    Key<Config>{
        "consul", "datacenter", "\"\"",
        "the datacenter of services that name none; empty: the agent's own",
        [](Config& c, const Value& v) { return take_string(c.consul.scope.datacenter, v); }},
    Key<Config>{"consul", "namespace", "\"\"", "Consul Enterprise's namespace",
                [](Config& c, const Value& v) { return take_string(c.consul.scope.ns, v); }},
    Key<Config>{"consul", "partition", "\"\"", "Consul Enterprise's admin partition",
                [](Config& c, const Value& v) { return take_string(c.consul.scope.partition, v); }},
    Key<Config>{
        "consul", "consistency", "\"stale\"",
        "which servers may answer: \"stale\", \"default\" or \"consistent\"",
        [](Config& c, const Value& v) {
            static constexpr std::array<std::pair<std::string_view, catalog::Consistency>, 3>
                choices{{{"stale", catalog::Consistency::stale},
                         {"default", catalog::Consistency::standard},
                         {"consistent", catalog::Consistency::consistent}}};
            return take_choice(c.consul.scope.consistency, v, choices);
        }},
    Key<Config>{"consul", "wait", "\"60s\"", "the longest blocking query", take_wait},
    Key<Config>{"haproxy", "sockets", "[]",
                "HAProxy's runtime sockets, paths or tcp://HOST:PORT; each is its own HAProxy",
                take_sockets},
    Key<Config>{"haproxy", "poll", "\"1s\"",
                "how often a reload, or a change by someone else, is looked for",
                [](Config& c, const Value& v) {
                    return take_time(c.work.poll, v, milliseconds(50), std::chrono::minutes(1),
                                     "a time from \"50ms\" to \"1m\"");
                }},
    Key<Config>{"haproxy", "state_file", "\"\"",
                "HAProxy's server-state file, kept fresh so that any reload starts filled",
                take_state_file},
    Key<Config>{"admin", "listen", "[]", "", nullptr},
    Key<Config>{"admin", "state_dir", "\"\"", "", nullptr},
    Key<Config>{"kv", "*", "", "", nullptr},
    Key<Config>{"file", "*", "", "", nullptr},
};

constexpr std::array backend_table{
    Key<BackendSettings>{"backend", "service", "\"\"",
                         "Consul's name of the service; empty: what the slots name, else the "
                         "backend's own name",
                         take_backend_text<&BackendSettings::service>},
    Key<BackendSettings>{"backend", "kv", "\"\"", "", nullptr},
    Key<BackendSettings>{"backend", "tags", "[]", "only instances that have all of these tags",
                         take_tags},
    Key<BackendSettings>{"backend", "filter", "\"\"",
                         "only instances that match, in Consul's filter language",
                         take_backend_text<&BackendSettings::filter>},
    Key<BackendSettings>{"backend", "datacenter", "\"\"",
                         "the datacenter; empty: what the slots name, else that of [consul]",
                         take_backend_text<&BackendSettings::datacenter>},
    Key<BackendSettings>{"backend", "slots", "\"\"",
                         "hands over servers whose lines name no service: a glob on their names",
                         take_backend_text<&BackendSettings::slots>},
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
        [](BackendSettings& b, const Value& v) -> std::string {
            const auto* gate = std::get_if<bool>(&v);
            if (!gate)
                return "true or false";
            b.policy.gate = *gate;
            return {};
        }},
};

}  // namespace

std::span<const Key<Config>> config_keys() {
    return config_table;
}

std::span<const Key<BackendSettings>> backend_keys() {
    return backend_table;
}

}  // namespace slotd::app
