// SPDX-License-Identifier: MIT
#include "slotd/sync/status.hpp"

#include <algorithm>

namespace slotd::sync {

std::string_view to_string(SlotState state) {
    switch (state) {
        case SlotState::ready:
            return "ready";
        case SlotState::draining:
            return "draining";
        case SlotState::out:
            return "out";
        case SlotState::free:
            return "free";
    }
    return {};
}

std::size_t BackendStatus::count(SlotState state) const {
    if (counts)
        return (*counts)[static_cast<std::size_t>(state)];
    return static_cast<std::size_t>(
        std::count_if(slots.begin(), slots.end(),
                      [state](const SlotStatus& slot) { return slot.state == state; }));
}

std::vector<std::string> reasons_not_ready(const Status& status) {
    std::vector<std::string> reasons;
    for (const HaproxyStatus& haproxy : status.haproxys)
        if (haproxy.version.empty())
            reasons.push_back(haproxy.socket + ": HAProxy was not read yet" +
                              (haproxy.error.empty() ? "" : ": " + haproxy.error));
    for (const BackendStatus& backend : status.backends) {
        if (backend.filled)
            continue;
        std::string why = "Consul has not answered yet";
        if (backend.held)
            why = "held (" + backend.held->reason + "): " + backend.held->detail;
        else if (backend.paused)
            why = "paused";
        else if (!backend.last_error.empty())
            why = backend.last_error;
        reasons.push_back(backend.name + " on " + backend.socket + ": " + why);
    }
    return reasons;
}

}  // namespace slotd::sync
