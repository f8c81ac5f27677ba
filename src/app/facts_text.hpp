// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <string>

namespace slotd::app {

/// What --help says below the options: the facts that concern the command, or all without one.
std::string facts_text(const CommandTable* command);

}  // namespace slotd::app
