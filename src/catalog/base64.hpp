// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slotd::catalog {

/// RFC 4648's base64 with its padding, as Consul writes the values of KV keys. None when `text` is
/// anything else, line ends and unused bits included.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace slotd::catalog
