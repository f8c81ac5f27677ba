// SPDX-License-Identifier: MIT
#include "slotd/haproxy/format.hpp"

#include <variant>

namespace slotd::haproxy {
namespace {

void append(std::string& line, const model::SetAddress& set) {
    line += " addr ";
    line += to_string(set.to.address);
    line += " port ";
    line += std::to_string(set.to.port.value());
}

// Whole numbers only: "10%" would be taken of the configured weight.
void append(std::string& line, const model::SetWeight& set) {
    line += " weight ";
    line += std::to_string(set.to.value());
}

void append(std::string& line, const model::SetState& set) {
    line += " state ";
    line += to_string(set.to);
}

}  // namespace

std::string format(const model::Command& command) {
    constexpr std::size_t usual_length = 64;
    std::string line;
    line.reserve(usual_length);
    line += "set server ";
    line += command.slot.backend.text();
    line += '/';
    line += command.slot.server.text();
    std::visit([&line](const auto& set) { append(line, set); }, command.change);
    return line;
}

}  // namespace slotd::haproxy
