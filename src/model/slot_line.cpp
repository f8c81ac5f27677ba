// SPDX-License-Identifier: MIT
#include "slotd/model/slot_line.hpp"

namespace slotd::model {

// A host name and this `init-addr` are what a state file needs to bring the addresses back, and what
// lets `set server addr` replace them (HAProxy 2.2 to 3.2).
std::string to_string(const SlotLine& line) {
    return "server-template " + line.prefix + " 1-" + std::to_string(line.count) + " " + line.host +
           ":1" + (line.check ? " check" : "") + " disabled init-addr last,127.0.0.1";
}

}  // namespace slotd::model
