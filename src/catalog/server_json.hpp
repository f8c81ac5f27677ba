// SPDX-License-Identifier: MIT
#pragma once

#include "server_entry.hpp"
#include "slotd/model/result.hpp"

#include <string_view>
#include <vector>

namespace slotd::catalog {

/// The JSON form of a server list. An error (only `what` is set) when it is not of that form; a
/// member that is none of its own is `ignored`.
model::Result<std::vector<ServerEntry>> parse_server_json(std::string_view value);

}  // namespace slotd::catalog
