// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace slotd::app {

/// "1 slot", "2 slots".
inline std::string count(std::size_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace slotd::app
