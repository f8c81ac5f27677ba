// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"

namespace slotd::app {

/// Standard output is a terminal that can show them, and NO_COLOR (https://no-color.org) does not
/// ask for none.
bool shows_colours(const Environment& environment);

}  // namespace slotd::app
