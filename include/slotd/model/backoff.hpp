// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <utility>

namespace slotd::model {

/// Arithmetic of a retry with exponential backoff and full jitter; it holds no timer.
class Backoff {
  public:
    using Milliseconds = std::chrono::milliseconds;
    /// Uniform in [0, 1).
    using Random = std::function<double()>;

    Backoff(Milliseconds first, Milliseconds most, Random random)
        : first_(first), most_(most), random_(std::move(random)) {}

    /// The next delay, between `first` / 2 and `most`: each try doubles the range.
    Milliseconds next();
    void reset() { tries_ = 0; }
    unsigned tries() const { return tries_; }

  private:
    Milliseconds first_;
    Milliseconds most_;
    Random random_;
    unsigned tries_ = 0;
};

}  // namespace slotd::model
