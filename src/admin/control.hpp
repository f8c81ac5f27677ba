// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/parts.hpp"
#include "slotd/admin/request.hpp"
#include "slotd/admin/response.hpp"

#include <string>

namespace slotd::admin {

/// What changes something. Each answers with a JSON object of what holds now.

/// `backend` (none: all), `for` (none: until it is resumed).
Response pause(const Parts& parts, const Request& request);
/// `backend` (none: all).
Response resume(const Parts& parts, const Request& request);
/// `level`; until slotd ends.
Response set_log_level(const Parts& parts, const Request& request);

bool has_backend(const sync::Status& status, const std::string& name);
/// 404, with what the name is not.
Response no_such_backend(const std::string& name);

}  // namespace slotd::admin
