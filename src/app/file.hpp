// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <string>

namespace slotd::app {

/// All of a file. The error's `what` is the system's reason ("No such file or directory"), without
/// the path.
model::Result<std::string> read_file(const std::string& path);

}  // namespace slotd::app
