// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <string>

namespace slotd::app {

/// Whether slotd can keep files in the folder `[admin] state_dir`; empty is none, and well.
model::Result<void> check_state_dir(const std::string& path);

/// The path of a file in it; empty when there is none.
std::string in_state_dir(const std::string& path, const std::string& name);

}  // namespace slotd::app
