// SPDX-License-Identifier: MIT
#include "terminal.hpp"

#include <unistd.h>

namespace slotd::app {

bool shows_colours(const Environment& environment) {
    return ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").value_or("").empty() &&
           environment("TERM") != "dumb";
}

}  // namespace slotd::app
