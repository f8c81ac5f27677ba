// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace slotd::model {

/// Time comes into the pure layers as a value; it never runs backwards.
using Time = std::chrono::steady_clock::time_point;

}  // namespace slotd::model
