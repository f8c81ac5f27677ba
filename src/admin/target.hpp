// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/request.hpp"

#include <optional>
#include <string_view>

namespace slotd::admin {

/// Reads "/path?name=value&..." into `to`, or says what is wrong with it.
std::optional<Refusal> read_target(std::string_view target, Request& to);

}  // namespace slotd::admin
