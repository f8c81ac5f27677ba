// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

namespace slotd::haproxy {

/// What an inspection asks, in this order.
enum Question { prompt, info, level, sockets, state, stat, question_count };
// Of all proxies (-1) the backends (2) and the servers (4).
inline constexpr std::array<std::string_view, question_count> questions{
    "prompt",           "show info",          "show cli level",
    "show cli sockets", "show servers state", "show stat -1 6 -1"};

}  // namespace slotd::haproxy
