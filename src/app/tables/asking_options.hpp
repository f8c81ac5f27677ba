// SPDX-License-Identifier: MIT
#pragma once

#include "option_takes.hpp"
#include "slotd/app/options.hpp"
#include "slotd/model/duration.hpp"
#include "slotd/model/text.hpp"

#include <array>

// The options of the commands that ask a running slotd.

namespace slotd::app {

inline std::string take_pause_time(Options& options, Text text) {
    const auto time = model::parse_duration(text);
    if (!time || time->count() == 0)
        return "\"" + model::printable(text) +
               "\" is no time for a pause: \"90s\", \"30m\" or \"2h\" is one";
    options.pause_for = text;
    return {};
}

inline constexpr Option admin_option{
    "--admin", "ADDRESS", false,
    "where slotd answers, as `listen` of [admin] has it; without it what the configuration's "
    "`listen` says, UNIX sockets first, or else unix:/run/slotd/admin.sock",
    take_text<&Options::admin>};

inline constexpr Option backend_operand{
    "BACKEND", "BACKEND", false, "this backend instead of all of them",
    take_text<&Options::backend>, {}, true};

inline constexpr std::array status_options{
    backend_operand,
    Option{"--watch", "", false, "look again every second, until SIGINT",
           take_switch<&Options::watch>},
    Option{"--format", "FORMAT", false, "how the status is printed",
           take_format<&Options::format, OutputFormat::text, OutputFormat::json>, formats},
    admin_option,
    config_option,
};

inline constexpr std::array pause_options{
    backend_operand,
    Option{"--for", "DURATION", false, "end the pause by itself after \"90s\", \"30m\" or \"2h\"",
           take_pause_time},
    admin_option,
    config_option,
};

inline constexpr std::array resume_options{backend_operand, admin_option, config_option};

inline constexpr std::array log_level_options{
    Option{"LEVEL", "LEVEL", false, "how much is logged", take_text<&Options::level>, log_levels},
    admin_option,
    config_option,
};

}  // namespace slotd::app
