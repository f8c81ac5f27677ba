// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace bench {

/// Reads all of /metrics so often a second, each time on a connection of its own, until standard
/// input ends; how many there were a second. Prints a line once the first is done. What this takes
/// of the machine it takes from slotd.
double scrape(std::uint16_t port, std::uint64_t a_second);

}  // namespace bench
