// SPDX-License-Identifier: MIT
#include "../check/examine.hpp"
#include "commands.hpp"

#include <cstdio>

namespace slotd::app {

int check(const Options& options, const SetupReading& reading) {
    const Findings findings = examine(options, reading);
    const bool json = options.format == OutputFormat::json;
    std::fputs((json ? findings_json(findings) : findings_text(findings)).c_str(), stdout);
    return exit_code(findings);
}

}  // namespace slotd::app
