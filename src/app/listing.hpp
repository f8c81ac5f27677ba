// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace slotd::app {

/// "a, b and c", with " and " as what stands before the last.
std::string listing(const auto& words, std::string_view before_last,
                    std::string_view between = ", ") {
    std::string text;
    std::size_t left = words.size();
    for (const auto& word : words) {
        if (!text.empty())
            text += left == 1 ? before_last : between;
        text += word;
        --left;
    }
    return text;
}

}  // namespace slotd::app
