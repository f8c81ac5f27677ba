// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"

namespace slotd::app {

/// Whether the open file `descriptor` leads to systemd's journal, as its JOURNAL_STREAM says
/// ("DEVICE:INODE"): a service that is redirected elsewhere inherits the variable as well.
bool is_journal(const Environment& environment, int descriptor);

}  // namespace slotd::app
