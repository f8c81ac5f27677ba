// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <span>
#include <string>

namespace slotd::app {

// A file for each form.
std::string command_page(std::span<const CommandTable> table);
std::string configuration_page(std::span<const CommandTable> table);
std::string bash_completion(std::span<const CommandTable> table);
std::string zsh_completion(std::span<const CommandTable> table);
std::string fish_completion(std::span<const CommandTable> table);

}  // namespace slotd::app
