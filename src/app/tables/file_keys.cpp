// SPDX-License-Identifier: MIT
#include "key_takes.hpp"
#include "slotd/app/config.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace slotd::app {
namespace {

using file::Settings;
using std::chrono::hours;
using std::chrono::milliseconds;

// More than that in one backend, and HAProxy takes seconds to start.
constexpr int most_slots_of_a_service = 10'000;
constexpr int most_versions = 10'000;

template <auto member>
std::string take_file_path(Settings& settings, const Value& value) {
    const auto* path = std::get_if<std::string>(&value);
    if (!path || path->empty() || path->front() != '/' || path->back() == '/')
        return "the absolute path of a file";
    settings.*member = *path;
    return {};
}

template <auto member>
std::string take_count(Settings& settings, const Value& value, int most) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number || *number < 1 || *number > most)
        return "a number from 1 to " + std::to_string(most);
    settings.*member = static_cast<std::remove_reference_t<decltype(settings.*member)>>(*number);
    return {};
}

bool is_command(const Value& value) {
    const auto* words = std::get_if<std::vector<std::string>>(&value);
    return words && !words->empty() && !words->front().empty();
}

std::string take_check(Settings& settings, const Value& value) {
    const auto names_file = [](const std::string& word) {
        return word.find("{file}") != std::string::npos;
    };
    if (is_command(value)) {
        const auto& words = std::get<std::vector<std::string>>(value);
        if (std::any_of(words.begin(), words.end(), names_file)) {
            settings.check = words;
            return {};
        }
    }
    return "a command and its arguments as a list, with {file} where the file's path goes";
}

std::string take_reload(Settings& settings, const Value& value) {
    if (is_command(value)) {
        settings.reload = file::ReloadByCommand{std::get<std::vector<std::string>>(value)};
        return {};
    }
    const auto* text = std::get_if<std::string>(&value);
    auto reload = text ? file::parse_reload(*text)
                       : model::Error(model::ErrorKind::config, "no way to reload");
    if (!reload)
        return "a command and its arguments as a list, \"signal:/PIDFILE\" or \"master:/SOCKET\"";
    settings.reload = *std::move(reload);
    return {};
}

constexpr std::array file_table{
    Key<Settings>{"file", "template", "", "the template that haproxy.cfg is made of; must be there",
                  take_file_path<&Settings::template_path>,
                  R"("/etc/haproxy/haproxy.cfg.template")"},
    Key<Settings>{"file", "output", "",
                  "the file that is made of it; must be there. slotd writes to its folder",
                  take_file_path<&Settings::output>, R"("/etc/haproxy/haproxy.cfg")"},
    Key<Settings>{"file", "tag", "\"haproxy\"",
                  "services that have this tag get a backend; empty: those without it too",
                  [](Settings& s, const Value& v) { return take_string(s.tag, v); }},
    Key<Settings>{"file", "services", "\"*\"", "... if their names match this glob",
                  [](Settings& s, const Value& v) { return take_string(s.services, v); }},
    Key<Settings>{"file", "slots", "10",
                  "how many slots a backend gets; a service's meta slotd-slots overrides it",
                  [](Settings& s, const Value& v) {
                      return take_count<&Settings::slots>(s, v, most_slots_of_a_service);
                  }},
    Key<Settings>{"file", "check", R"(["haproxy", "-c", "-f", "{file}"])",
                  "the command that must end with 0 before a new text gets into place", take_check},
    Key<Settings>{"file", "reload", R"(["systemctl", "reload", "haproxy"])",
                  "what makes HAProxy load it: a command, \"signal:PIDFILE\" (SIGUSR2 to the "
                  "master) or \"master:SOCKET\" (the master's own socket, `-S`; HAProxy 2.7 or "
                  "later says there what is wrong)",
                  take_reload},
    Key<Settings>{"file", "keep", "50", "how many versions are kept under state_dir",
                  [](Settings& s, const Value& v) {
                      return take_count<&Settings::keep>(s, v, most_versions);
                  }},
    Key<Settings>{"file", "min_interval", "\"5s\"", "the shortest time between two reloads",
                  [](Settings& s, const Value& v) {
                      return take_time(s.min_interval, v, milliseconds(0), hours(1),
                                       "a time from \"0s\" to \"1h\"");
                  }},
    Key<Settings>{"file", "linger", "\"10m\"",
                  "how long a backend stays when its service is gone; at least `confirm` of "
                  "[defaults]",
                  [](Settings& s, const Value& v) {
                      return take_time(s.linger, v, milliseconds(0), hours(24 * 7),
                                       "a time from \"0s\" to \"168h\"");
                  }},
};

}  // namespace

std::span<const Key<file::Settings>> file_keys() {
    return file_table;
}

}  // namespace slotd::app
