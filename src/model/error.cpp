// SPDX-License-Identifier: MIT
#include "slotd/model/error.hpp"

namespace slotd::model {

Error::Error(ErrorKind kind_, std::string what_, std::string where_, std::string hint_)
    : kind(kind_), what(std::move(what_)), where(std::move(where_)), hint(std::move(hint_)) {}

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
