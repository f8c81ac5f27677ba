// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <span>
#include <string_view>

namespace slotd::app {

/// What --help and the manual tell about the commands besides their options.
struct Fact {
    std::string_view name;  ///< "CONSUL_HTTP_ADDR", "10", "SIGTERM"
    std::string_view help;
    bool (*concerns)(const CommandTable& command);
};

/// The variables that are read.
std::span<const Fact> environment();
std::span<const Fact> exit_codes();
/// Those that are caught.
std::span<const Fact> signals();

/// A command line that does something useful.
struct Example {
    std::string_view line;
    std::string_view help;
};

std::span<const Example> examples();

/// A configuration file, for show.
std::string_view example_configuration();

}  // namespace slotd::app
