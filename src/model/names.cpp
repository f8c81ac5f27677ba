// SPDX-License-Identifier: MIT
#include "slotd/model/names.hpp"

#include <algorithm>

namespace slotd::model {

bool is_haproxy_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == ':';
    });
}

std::string to_string(const SlotId& slot) {
    return slot.backend.text() + "/" + slot.server.text();
}

}  // namespace slotd::model
