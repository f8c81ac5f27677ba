// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"

namespace slotd::admin {

/// 127.0.0.0/8 or ::1.
bool is_loopback(const model::Address& address);

}  // namespace slotd::admin
