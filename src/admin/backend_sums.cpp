// SPDX-License-Identifier: MIT
#include "backend_sums.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace slotd::admin {
namespace {

std::uint64_t seconds_of(const std::optional<model::WallTime>& time) {
    return time ? static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(*time)) : 0;
}

}  // namespace

BackendSums sums_of(const sync::Status& status) {
    BackendSums sums;
    for (const sync::BackendStatus& part : status.backends) {
        const auto [at, first] = sums.try_emplace({part.name, part.socket});
        BackendSum& sum = at->second;
        for (std::size_t state = 0; state < sum.slots.size(); ++state)
            sum.slots[state] += part.count(static_cast<sync::SlotState>(state));
        sum.serving += part.serving;
        sum.waiting += part.waiting.size();
        sum.refused += part.refused.size();
        if (part.held)
            sum.held.insert(part.held->reason);
        sum.paused = sum.paused || part.paused;
        const std::uint64_t success = seconds_of(part.last_success);
        sum.last_success = first ? success : std::min(sum.last_success, success);
        sum.last_change = std::max(sum.last_change, seconds_of(part.last_change));
    }
    return sums;
}

}  // namespace slotd::admin
