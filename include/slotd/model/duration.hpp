// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace slotd::model {

/// "500ms", "30s", "10m", "1h": digits and one unit. None when it is no such text, or over a year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace slotd::model
