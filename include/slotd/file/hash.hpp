// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace slotd::file {

/// SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it.
std::string sha256(std::string_view text);

}  // namespace slotd::file
