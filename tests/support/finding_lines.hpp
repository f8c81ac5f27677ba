// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/check/finding.hpp"

#include <string>
#include <vector>

namespace slotd::testing {

/// As they are printed.
inline std::vector<std::string> lines(const app::Findings& findings) {
    std::vector<std::string> texts;
    for (const app::Finding& finding : findings) texts.push_back(to_string(finding));
    return texts;
}

}  // namespace slotd::testing
