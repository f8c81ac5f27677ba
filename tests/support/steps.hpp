// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/command.hpp"
#include "support/notation.hpp"

#include <sstream>
#include <string>
#include <variant>
#include <vector>

namespace slotd::testing {

/// "s1 addr 10.0.0.1:80", "s1 weight 3", "s1 ready" in the backend web, for no particular reason.
inline model::Step step(const std::string& text) {
    std::istringstream in(text);
    std::string name;
    std::string what;
    std::string value;
    in >> name >> what >> value;
    std::variant<model::SetAddress, model::SetWeight, model::SetState> change =
        model::SetState{what == "ready"   ? model::Admin::ready
                        : what == "drain" ? model::Admin::drain
                                          : model::Admin::maint};
    if (what == "addr")
        change = model::SetAddress{at(value)};
    else if (what == "weight")
        change = model::SetWeight{model::Weight::clamped(std::stol(value))};
    return model::Step(model::Command(slot_id(name), change),
                       model::Reason(model::Why::fill, "a on n1", "for a test"));
}

inline std::vector<model::Step> steps(const std::vector<std::string>& texts) {
    std::vector<model::Step> made;
    for (const std::string& text : texts) made.push_back(step(text));
    return made;
}

}  // namespace slotd::testing
