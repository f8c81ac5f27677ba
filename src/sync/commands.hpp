// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/plan/plan.hpp"

#include <string>
#include <vector>

namespace slotd::sync {

/// The text of each command of a plan, both phases.
std::vector<std::string> commands_of(const plan::Plan& plan);

}  // namespace slotd::sync
