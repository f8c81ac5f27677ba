// SPDX-License-Identifier: MIT
#include "slotd/model/command.hpp"

namespace slotd::model {

std::string_view to_string(Why why) {
    switch (why) {
        case Why::fill:
            return "fill";
        case Why::gate:
            return "gate";
        case Why::comes_back:
            return "comes-back";
        case Why::serves:
            return "serves";
        case Why::weight:
            return "weight";
        case Why::health:
            return "health";
        case Why::gone:
            return "gone";
        case Why::drained:
            return "drained";
        case Why::drain_over:
            return "drain-over";
        case Why::duplicate:
            return "duplicate";
        case Why::astray:
            return "astray";
    }
    return "";
}

}  // namespace slotd::model
