// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/sync/events.hpp"
#include "slotd/sync/metrics.hpp"

#include <memory>

namespace slotd::sync {

/// What happened since slotd started, of all its HAProxys: written by the rounds, shown by others.
struct Record {
    Events events;
    Metrics metrics;

    Record() = default;
};

/// `source`, with what became of each request counted. `metrics` outlives it.
std::shared_ptr<catalog::Source> counted(std::shared_ptr<catalog::Source> source, Metrics& metrics);

}  // namespace slotd::sync
