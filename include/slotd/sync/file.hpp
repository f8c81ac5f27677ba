// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <string>
#include <string_view>

namespace slotd::sync {

/// All of a file. The error's `what` is the system's reason ("No such file or directory"), without
/// the path.
model::Result<std::string> read_file(const std::string& path);

/// Puts `text` in the place of the file at `path`: written whole beside it, synced, renamed over,
/// so that a reader or a crash at any moment meets the old text or the new one. Owner and mode of a
/// file that is there are kept (the owner where slotd may give it away); a new one can be read by
/// everybody, since HAProxy may run as another user.
model::Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace slotd::sync
