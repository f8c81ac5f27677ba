// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/command.hpp"

#include <string>

namespace slotd::haproxy {

/// The text of a command as it goes over the socket, without the newline: "set server web/s1
/// addr 10.0.0.1 port 80". This is the one place that makes command text, and it prints only values
/// that were parsed.
std::string format(const model::Command& command);

}  // namespace slotd::haproxy
