// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <span>
#include <string>
#include <string_view>

namespace slotd::app {

/// A man page, or a shell's completion: made from the tables that the parser reads, so that it
/// can't disagree.
struct Document {
    std::string_view name;  ///< as it is installed: "slotd.1"
    std::string (*make)(std::span<const CommandTable> table);
};

std::span<const Document> documents();

}  // namespace slotd::app
