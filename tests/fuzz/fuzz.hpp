// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/text.hpp"

#include <string_view>

/// What a target does with each input; fuzz.cpp calls it.
void fuzz(std::string_view input);

/// Ends the run, with the input kept, when `holds` is false.
void check(bool holds, const char* claim);

inline bool is_one_line(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return false;
    return true;
}
