// SPDX-License-Identifier: MIT
#include "slotd/model/server.hpp"

namespace slotd::model {

std::string_view to_string(Admin admin) {
    switch (admin) {
        case Admin::ready:
            return "ready";
        case Admin::drain:
            return "drain";
        case Admin::maint:
            return "maint";
    }
    return "";
}

}  // namespace slotd::model
