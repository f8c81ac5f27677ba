// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/check/finding.hpp"
#include "slotd/app/options.hpp"
#include "slotd/app/setup.hpp"

namespace slotd::app {

/// Looks at everything there is, changes nothing, and says what is to be said of it.
Findings examine(const Options& options, const SetupReading& reading);

}  // namespace slotd::app
