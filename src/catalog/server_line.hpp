// SPDX-License-Identifier: MIT
#pragma once

#include "server_entry.hpp"
#include "slotd/model/result.hpp"

#include <optional>
#include <string_view>

namespace slotd::catalog {

/// `server NAME ADDR:PORT [OPTION...]`. None: the line is blank, or a comment. An error (only
/// `what` is set) when it makes no sense; whether name, address and port can be served is not
/// looked at.
model::Result<std::optional<ServerEntry>> parse_server_line(std::string_view line);

}  // namespace slotd::catalog
