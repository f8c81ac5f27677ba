// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace slotd::model {

/// HAProxy's server weight: 0 (no new traffic) to 256. Consul allows up to 65535.
class Weight {
  public:
    static constexpr std::int64_t most = 256;

    /// The nearest weight HAProxy takes.
    static constexpr Weight clamped(std::int64_t number) {
        return Weight(static_cast<std::uint16_t>(std::clamp<std::int64_t>(number, 0, most)));
    }

    constexpr std::uint16_t value() const { return value_; }
    constexpr auto operator<=>(const Weight&) const = default;

  private:
    constexpr explicit Weight(std::uint16_t value) : value_(value) {}

    std::uint16_t value_;
};

}  // namespace slotd::model
