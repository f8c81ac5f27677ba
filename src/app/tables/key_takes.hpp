// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/config.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tables of keys have in common. A `take` answers how the value should look when it does
// not, and the manual asks it that with a value that no key has.

namespace slotd::app {

std::string take_string(std::string& to, const Value& value);
std::string take_strings(std::vector<std::string>& to, const Value& value);
std::string take_bool(bool& to, const Value& value);

/// `expected` says the bounds in words.
std::string take_time(std::chrono::milliseconds& to, const Value& value,
                      std::chrono::milliseconds least, std::chrono::milliseconds most,
                      std::string_view expected);

template <typename Enum, std::size_t count>
std::string take_choice(Enum& to, const Value& value,
                        const std::array<std::pair<std::string_view, Enum>, count>& choices) {
    const auto* text = std::get_if<std::string>(&value);
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        if (text && *text == choices[i].first) {
            to = choices[i].second;
            return {};
        }
        names += (i == 0           ? "\""
                  : i + 1 == count ? " or \""
                                   : ", \"") +
                 std::string(choices[i].first) + "\"";
    }
    return names;
}

}  // namespace slotd::app
