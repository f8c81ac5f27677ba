// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"

#include <functional>

namespace slotd::sync {

/// What time it is, for decisions; tests hand in their own.
using Clock = std::function<model::Time()>;

}  // namespace slotd::sync
