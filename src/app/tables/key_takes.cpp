// SPDX-License-Identifier: MIT
#include "key_takes.hpp"

#include "slotd/model/duration.hpp"

namespace slotd::app {

std::string take_string(std::string& to, const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    if (!text)
        return "a string";
    to = *text;
    return {};
}

std::string take_strings(std::vector<std::string>& to, const Value& value) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    if (!texts)
        return "a list of strings";
    to = *texts;
    return {};
}

std::string take_bool(bool& to, const Value& value) {
    const auto* truth = std::get_if<bool>(&value);
    if (!truth)
        return "true or false";
    to = *truth;
    return {};
}

std::string take_time(std::chrono::milliseconds& to, const Value& value,
                      std::chrono::milliseconds least, std::chrono::milliseconds most,
                      std::string_view expected) {
    const auto* text = std::get_if<std::string>(&value);
    const auto time = text ? model::parse_duration(*text) : std::nullopt;
    if (!time || *time < least || *time > most)
        return std::string(expected);
    to = *time;
    return {};
}

}  // namespace slotd::app
