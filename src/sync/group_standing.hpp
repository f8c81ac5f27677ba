// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"
#include "slotd/plan/history.hpp"

#include <optional>
#include <string>
#include <vector>

namespace slotd::sync {

/// What is kept of a group for those who look at it, and for no decision.
struct GroupStanding {
    std::vector<plan::Slot> slots;  ///< as HAProxy showed them last
    model::WallTime seen_at;        ///< when that was
    bool filled = false;            ///< was in step once, or is held for want of instances
    std::optional<model::WallTime> last_change;
    std::optional<model::WallTime> last_success;
    std::string last_error;  ///< empty: the last round came out as planned
    std::vector<std::string> would;

    GroupStanding() = default;

    void see(std::vector<plan::Slot> shown) {
        slots = std::move(shown);
        seen_at = std::chrono::system_clock::now();
    }
    /// Nothing was left to do.
    void in_step() {
        filled = true;
        last_error.clear();
        last_success = std::chrono::system_clock::now();
    }
    /// Something was sent: whether anything took effect, and what went wrong.
    void worked(bool any, std::string failure) {
        if (any)
            last_change = std::chrono::system_clock::now();
        last_error = std::move(failure);
    }
};

}  // namespace slotd::sync
