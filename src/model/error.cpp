// SPDX-License-Identifier: MIT
#include "slotd/model/error.hpp"

namespace slotd::model {

std::string to_string(const Error& error) {
    std::string text;
    if (!error.where.empty())
        text = error.where + ": ";
    text += error.what;
    if (!error.hint.empty())
        text += " (" + error.hint + ")";
    return text;
}

}  // namespace slotd::model
