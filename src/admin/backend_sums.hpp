// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/status.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace slotd::admin {

/// One backend of one HAProxy, over all lists that its slots follow.
struct BackendSum {
    sync::SlotCounts slots{};
    std::uint64_t serving = 0;
    std::uint64_t waiting = 0;
    std::uint64_t refused = 0;
    std::set<std::string, std::less<>> held;  ///< reasons
    bool paused = false;
    std::uint64_t last_success = 0;  ///< Unix time of the part that is longest out of step; 0: never
    std::uint64_t last_change = 0;   ///< of the part that changed last

    BackendSum() = default;
};

/// By backend and socket.
using BackendSums = std::map<std::pair<std::string, std::string>, BackendSum>;

BackendSums sums_of(const sync::Status& status);

}  // namespace slotd::admin
