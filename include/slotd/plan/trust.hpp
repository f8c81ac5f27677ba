// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/instance.hpp"
#include "slotd/plan/policy.hpp"

#include <optional>

namespace slotd::plan {

/// Why `answer` must not be acted on; none when it is a list to follow. What is held keeps
/// following the last list that could be trusted.
std::optional<model::Unknown> why_hold(const model::Answer& answer, const Policy& policy);

}  // namespace slotd::plan
