// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/log.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace slotd::testing {

using Lines = std::vector<std::string>;

/// A log whose lines a test reads.
struct LogLines {
    std::ostringstream text;
    sync::Log log{sync::LogLevel::info, sync::LogFormat::text, text};

    /// The lines so far, without their times.
    Lines lines() const {
        Lines some;
        std::istringstream in(text.str());
        std::string line;
        while (std::getline(in, line)) some.push_back(line.substr(line.find(' ') + 1));
        return some;
    }
};

}  // namespace slotd::testing
