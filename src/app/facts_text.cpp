// SPDX-License-Identifier: MIT
#include "facts_text.hpp"

#include "slotd/app/facts.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace slotd::app {
namespace {

// Where CLI11 begins an option's description.
constexpr std::size_t column = 30;

std::string block(std::string_view title, std::span<const Fact> facts,
                  const CommandTable* command) {
    std::string text;
    for (const Fact& fact : facts) {
        if (command && !fact.concerns(*command))
            continue;
        std::string line = "  " + std::string(fact.name);
        line.resize(std::max(column, line.size() + 2), ' ');
        text += line + std::string(fact.help) + "\n";
    }
    return text.empty() ? text : "\n" + std::string(title) + ":\n" + text;
}

}  // namespace

std::string facts_text(const CommandTable* command) {
    std::string text = block("Environment", environment(), command);
    if (!text.empty())
        text += "  An option beats the environment, which beats the configuration file.\n";
    return text + block("Signals", signals(), command) + block("Exit codes", exit_codes(), command);
}

}  // namespace slotd::app
