// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace slotd::file {

enum class Colour { no, yes };

/// What turns `before` into `after`, in the unified format of `diff -u` with three lines around
/// each change; empty when they are the same. `yes`: with the escapes of a terminal.
std::string unified_diff(std::string_view before, std::string_view after,
                         std::string_view before_name, std::string_view after_name, Colour colour);

}  // namespace slotd::file
