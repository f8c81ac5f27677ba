// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::model {

/// Time comes into the pure layers as a value; it never runs backwards.
using Time = std::chrono::steady_clock::time_point;

/// Time of day: for people, and for what outlives slotd. It may be set, so nothing is decided by it
/// but what a person said in it.
using WallTime = std::chrono::system_clock::time_point;

/// "2026-11-24T00:00:03Z", in whole seconds.
std::string utc_text(WallTime time);
/// What utc_text() wrote; none for anything else.
std::optional<WallTime> parse_utc(std::string_view text);

}  // namespace slotd::model
