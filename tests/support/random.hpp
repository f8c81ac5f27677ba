// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace slotd::testing {

/// The same numbers for the same seed, on every machine.
class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// 0 to `below` - 1.
    std::size_t number(std::size_t below) { return static_cast<std::size_t>(engine_() % below); }
    bool one_in(std::size_t n) { return number(n) == 0; }

    template <typename T, std::size_t N>
    const T& of(const T (&those)[N]) {
        return those[number(N)];
    }

  private:
    std::mt19937_64 engine_;
};

/// Of the first case; SLOTD_SEED in the environment replays it. Case n has this plus n.
inline std::uint64_t first_seed() {
    if (const char* const given = std::getenv("SLOTD_SEED"))
        return std::strtoull(given, nullptr, 10);
    return std::random_device()();
}

}  // namespace slotd::testing
