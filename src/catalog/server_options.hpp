// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace slotd::catalog {

/// How many words follow `option` on a `server` line of haproxy.cfg; none: HAProxy (up to 3.3) has
/// no such option, so that it is a slip of the hand.
std::optional<std::size_t> arguments_of_server_option(std::string_view option);

}  // namespace slotd::catalog
