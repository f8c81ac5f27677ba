// SPDX-License-Identifier: MIT
#pragma once

#include "../count.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace slotd::app {

/// "the slot s1", "the backends a, b, c and 17 more".
inline std::string all_of(const std::string& what, const std::vector<std::string>& names) {
    constexpr std::size_t most = 4;
    const std::size_t shown = names.size() > most ? most - 1 : names.size();
    std::string text = "the " + what + (names.size() == 1 ? " " : "s ");
    for (std::size_t i = 0; i < shown; ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    if (shown < names.size())
        text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
}

}  // namespace slotd::app
