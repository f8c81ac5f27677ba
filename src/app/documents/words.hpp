// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slotd::app {

// What the documents ask the tables.

/// "-c,--config" -> "-c", "--config"
std::vector<std::string_view> names_of(const Option& option);

bool has_value(const Option& option);
/// Its value is the path of something.
bool is_path(const Option& option);

/// Those with a name that may follow the command, or slotd itself without one.
std::vector<Option> named_options(const CommandTable* command);
/// Those that are known by their place, in their order.
std::vector<Option> positional_options(const CommandTable& command);

/// `text` with `escape` before each of `characters`.
std::string with_escapes(std::string_view text, std::string_view characters,
                         std::string_view escape = "\\");

}  // namespace slotd::app
