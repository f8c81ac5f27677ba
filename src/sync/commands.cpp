// SPDX-License-Identifier: MIT
#include "commands.hpp"

#include "slotd/haproxy/format.hpp"

namespace slotd::sync {

std::vector<std::string> commands_of(const plan::Plan& plan) {
    std::vector<std::string> texts;
    for (const auto* phase : {&plan.addresses, &plan.changes})
        for (const model::Step& step : *phase) texts.push_back(haproxy::format(step.command));
    return texts;
}

}  // namespace slotd::sync
