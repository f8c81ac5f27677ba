// SPDX-License-Identifier: MIT
#include "slotd/app/options.hpp"

#include "slotd/model/names.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <charconv>

namespace slotd::app {
namespace {

using Text = const std::string&;

std::string not_among(Text text, std::string_view choices) {
    return "\"" + model::printable(text) + "\" is not one of " + std::string(choices);
}

std::string take_backend(Options& options, Text text) {
    const auto equals = text.find('=');
    BackendOption backend;
    backend.name = text.substr(0, equals);
    if (!model::is_haproxy_name(backend.name))
        return "\"" + model::printable(backend.name) +
               "\" is no name HAProxy gives a backend (letters, digits and -_.: only)";
    if (equals != std::string::npos) {
        backend.service = text.substr(equals + 1);
        if (backend.service.empty())
            return "no service after \"" + backend.name + "=\"";
    }
    options.backends.push_back(std::move(backend));
    return {};
}

std::string take_log_level(Options& options, Text text) {
    const auto level = sync::parse_log_level(text);
    if (!level)
        return not_among(text, "trace, debug, info, warn, error, off");
    options.log_level = *level;
    return {};
}

std::string take_log_format(Options& options, Text text) {
    if (text != "text" && text != "json")
        return not_among(text, "text, json");
    options.log_format = text == "json" ? sync::LogFormat::json : sync::LogFormat::text;
    return {};
}

std::string take_plan_format(Options& options, Text text) {
    if (text != "text" && text != "json")
        return not_among(text, "text, json");
    options.plan_format = text == "json" ? PlanFormat::json : PlanFormat::text;
    return {};
}

// More than that in one backend, and HAProxy takes seconds to start.
constexpr int most_slots = 10'000;

std::string take_count(Options& options, Text text) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), options.count);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || options.count < 1 ||
        options.count > most_slots)
        return "\"" + model::printable(text) + "\" is no number from 1 to " +
               std::to_string(most_slots);
    return {};
}

template <auto member>
std::string take_text(Options& options, Text text) {
    if (text.empty())
        return "the value is empty";
    options.*member = text;
    return {};
}

template <auto member>
std::string take_switch(Options& options, Text) {
    options.*member = true;
    return {};
}

constexpr std::array common{
    Option{"-c,--config", "FILE", false,
           "the configuration file; without it /etc/slotd/slotd.toml, if that is there",
           take_text<&Options::config_file>},
    Option{"--consul", "URL", false,
           "Consul's HTTP address: http://HOST:PORT, https://HOST:PORT or unix:///PATH",
           take_text<&Options::consul>},
    Option{"--socket", "PATH", true,
           "HAProxy's runtime socket, or tcp://HOST:PORT; repeat it for several HAProxys",
           [](Options& options, Text text) -> std::string {
               options.sockets.push_back(text);
               return {};
           }},
    Option{"--backend", "NAME[=SERVICE]", true,
           "work on this backend only; with =SERVICE hand over all its servers, for backends whose "
           "lines name no service; may be repeated",
           take_backend},
    Option{"--log-level", "LEVEL", false, "trace, debug, info, warn, error or off", take_log_level},
    Option{"--log-format", "FORMAT", false, "text or json", take_log_format},
};

constexpr std::array run_options{
    Option{"--dry-run", "", false, "print the commands instead of sending them",
           take_switch<&Options::dry_run>},
    Option{"--once", "", false, "one full round over every backend, then exit",
           take_switch<&Options::once>},
};

constexpr std::array plan_options{
    Option{"--commands-only", "", false, "without the lines that give the reasons",
           take_switch<&Options::commands_only>},
    Option{"--exit-code", "", false, "exit 10 when there is something to send",
           take_switch<&Options::exit_code>},
    Option{"--format", "FORMAT", false, "text or json", take_plan_format},
};

constexpr std::array slots_options{
    Option{"SERVICE", "SERVICE", false, "Consul's name of the service",
           take_text<&Options::service>},
    Option{"COUNT", "COUNT", false, "how many slots: more than there will be instances",
           take_count},
    Option{"--tag", "TAG", false, "only instances with this tag", take_text<&Options::tag>},
    Option{"--datacenter", "DC", false, "of this datacenter instead of the agent's own",
           take_text<&Options::datacenter>},
    Option{"--check", "", false, "let HAProxy check each instance too",
           take_switch<&Options::check>},
};

constexpr std::array all_commands{
    CommandTable{CommandName::run, "run", "keep HAProxy in step with Consul until told to stop",
                 run_options, true},
    CommandTable{CommandName::plan, "plan",
                 "print the commands that one round would send, send nothing", plan_options, true},
    CommandTable{CommandName::slots, "slots",
                 "print the server-template line to paste into haproxy.cfg", slots_options, false},
};

}  // namespace

std::span<const Option> common_options() {
    return common;
}

std::span<const CommandTable> commands() {
    return all_commands;
}

}  // namespace slotd::app
