// SPDX-License-Identifier: MIT
#include "slotd/sync/metrics.hpp"

namespace slotd::sync {

void Histogram::observe(double seconds) {
    for (std::size_t i = 0; i < bounds.size(); ++i)
        if (seconds <= bounds[i])
            ++at_most_[i];
    ++count_;
    sum_ += seconds;
}

}  // namespace slotd::sync
