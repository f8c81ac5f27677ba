// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace slotd::file {

/// When a change is to be put in place: once it has been quiet for `settle`, but not put off for
/// longer than `min_interval` (or `settle`, if that is longer) by changes that never end, and
/// `min_interval` after the last reload.
class Pace {
  public:
    Pace(std::chrono::milliseconds settle, std::chrono::milliseconds min_interval)
        : settle_(settle), min_interval_(min_interval) {}

    void changed(model::Time now) {
        if (!first_)
            first_ = now;
        last_ = now;
    }
    /// What had changed is done, or not to be done.
    void done() { first_.reset(); }
    void reloaded(model::Time now) { reloaded_ = now; }

    /// None while nothing has changed.
    std::optional<model::Time> due() const {
        if (!first_)
            return std::nullopt;
        const model::Time quiet =
            std::min(last_ + settle_, *first_ + std::max(settle_, min_interval_));
        return reloaded_ ? std::max(quiet, *reloaded_ + min_interval_) : quiet;
    }

  private:
    std::chrono::milliseconds settle_;
    std::chrono::milliseconds min_interval_;
    std::optional<model::Time> first_;
    model::Time last_{};
    std::optional<model::Time> reloaded_;
};

}  // namespace slotd::file
