// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/plan/history.hpp"
#include "slotd/plan/target.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace slotd::plan {

/// Who sits where: an instance's slot is the one that has its address. Positions in the two lists.
struct Seating {
    std::vector<std::optional<std::size_t>> slot_of;    ///< by wanted
    std::vector<std::optional<std::size_t>> wanted_of;  ///< by slot
};

/// Of several slots with the same address the one that is most in use has it (ready, then
/// draining), then the first. Holds while addresses, admin states and the target stay as they are.
Seating seat(const std::vector<Slot>& slots, const Target& target);

}  // namespace slotd::plan
