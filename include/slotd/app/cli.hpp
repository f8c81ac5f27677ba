// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <span>
#include <string>
#include <variant>
#include <vector>

namespace slotd::app {

/// The command line asked for a text, or was wrong: print it and exit.
struct Ending {
    int exit_code = 0;
    std::string out;
    std::string err;
};

/// Reads the arguments after the program's name.
std::variant<Options, Ending> parse_command_line(std::vector<std::string> arguments,
                                                 std::span<const CommandTable> table = commands());

}  // namespace slotd::app
