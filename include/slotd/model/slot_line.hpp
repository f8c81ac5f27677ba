// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

namespace slotd::model {

struct SlotLine {
    std::string prefix = "s";  ///< of the servers' names: `s1` to `sCOUNT`
    int count = 1;
    std::string host;  ///< what the slots follow: format_slot_name()
    bool check = false;

    SlotLine(int count_, std::string host_) : count(count_), host(std::move(host_)) {}
};

/// The line of haproxy.cfg that makes these slots, without indentation and line end. Options that
/// are written after it are in force too.
std::string to_string(const SlotLine& line);

}  // namespace slotd::model
