// SPDX-License-Identifier: MIT
#include "slotd/haproxy/format.hpp"

#include <variant>

namespace slotd::haproxy {
namespace {

std::string change(const model::SetAddress& set) {
    return "addr " + to_string(set.to.address) + " port " + std::to_string(set.to.port.value());
}

// Whole numbers only: "10%" would be taken of the configured weight.
std::string change(const model::SetWeight& set) {
    return "weight " + std::to_string(set.to.value());
}

std::string change(const model::SetState& set) {
    return "state " + std::string(to_string(set.to));
}

}  // namespace

std::string format(const model::Command& command) {
    return "set server " + to_string(command.slot) + " " +
           std::visit([](const auto& set) { return change(set); }, command.change);
}

}  // namespace slotd::haproxy
