// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/metrics.hpp"
#include "slotd/sync/status.hpp"

#include <cstdint>
#include <string>

namespace slotd::admin {

/// Of this process, as the system counts it.
struct Usage {
    double cpu_seconds = 0;
    std::uint64_t resident_bytes = 0;

    Usage() = default;
};

Usage usage_now();

/// Prometheus' text format. What is by backend carries the socket too when there are several; a
/// backend whose slots follow different lists is one: summed, and held or paused when a part is.
std::string metrics_text(const sync::Status& status, const sync::Metrics& metrics, bool ready,
                         const Usage& usage);

}  // namespace slotd::admin
