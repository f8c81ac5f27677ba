// SPDX-License-Identifier: MIT
#pragma once

namespace slotd::app {

// What a daemon does to stay small.

/// From the start on.
void keep_no_large_buffers();

/// Once all that only a start needs has run: its code is let go of. What is needed again comes back
/// by itself, from the file.
void give_back_start();

}  // namespace slotd::app
