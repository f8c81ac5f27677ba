// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace slotd::testing {

/// A file of tests/data: what a real program answered.
inline std::string recorded(const std::string& name) {
    std::ifstream file(std::string(TEST_DATA) + "/" + name);
    if (!file)
        throw std::runtime_error("no recorded answer " + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace slotd::testing
