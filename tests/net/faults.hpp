// SPDX-License-Identifier: MIT
// What the real system and curl can't be made to do on demand: linked with --wrap=epoll_ctl and
// --wrap=curl_multi_add_handle.
#pragma once

namespace slotd::testing {

/// The next descriptor that a loop begins to watch is refused: no watch is left (ENOSPC).
void refuse_next_watch();
/// Whether a loop has met that since.
bool has_refused_watch();

/// Curl refuses the next transfer.
void refuse_next_transfer();

}  // namespace slotd::testing
