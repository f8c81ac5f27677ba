// SPDX-License-Identifier: MIT
#include "../listing.hpp"
#include "option_takes.hpp"
#include "slotd/app/options.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/text.hpp"

#include <array>

namespace slotd::app {
namespace {

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
    for (const BackendOption& before : options.backends)
        if (before.name == backend.name && before.service != backend.service)
            return "\"" + backend.name + "\" is given twice, and not the same service";
    options.backends.push_back(std::move(backend));
    return {};
}

std::string take_log_level(Options& options, Text text) {
    const auto level = sync::parse_log_level(text);
    if (!level)
        return "is no log level";
    options.log_level = *level;
    return {};
}

constexpr std::array common{
    config_option,
    Option{"--consul", "URL", false,
           "Consul's HTTP address: [http://]HOST:PORT, https://HOST:PORT or unix:///PATH",
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
    Option{"--log-level", "LEVEL", false, "how much is logged", take_log_level, log_levels},
    Option{"--log-format", "FORMAT", false, "how a line of the log looks",
           take_format<&Options::log_format, sync::LogFormat::text, sync::LogFormat::json>,
           formats},
};

}  // namespace

bool is_positional(const Option& option) {
    return option.names.front() != '-';
}

std::string described(const Option& option) {
    const std::string help(option.help);
    return option.choices.empty() ? help : help + ": " + listing(option.choices, " or ");
}

const Option& help_option() {
    static constexpr Option option{"-h,--help", "", false, "print this help and exit", nullptr};
    return option;
}

const Option& version_option() {
    static constexpr Option option{"--version", "", false, "print the version and exit", nullptr};
    return option;
}

std::span<const Option> common_options() {
    return common;
}

}  // namespace slotd::app
