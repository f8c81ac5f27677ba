// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace slotd::admin {

/// Whether a Host header names this machine whoever answers for names: localhost, a name under
/// .localhost, or a loopback address, with or without a port. A web page whose own name was made to
/// lead here (DNS rebinding) sends its own.
bool is_local_host(std::string_view host);

}  // namespace slotd::admin
