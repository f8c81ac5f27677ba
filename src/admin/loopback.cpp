// SPDX-License-Identifier: MIT
#include "loopback.hpp"

#include <algorithm>

namespace slotd::admin {

bool is_loopback(const model::Address& address) {
    const auto& bytes = address.bytes();
    if (!address.is_v6())
        return bytes[0] == 127;
    return bytes[15] == 1 &&
           std::all_of(bytes.begin(), bytes.begin() + 15, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace slotd::admin
