// SPDX-License-Identifier: MIT
#include "json.hpp"

#include "slotd/model/text.hpp"

namespace slotd::admin {

Json& Json::value(std::string_view text) {
    if (wants_comma_)
        out_ += ',';
    out_ += text;
    wants_comma_ = true;
    return *this;
}

Json& Json::open(char bracket) {
    value(std::string_view(&bracket, 1));
    wants_comma_ = false;
    return *this;
}

Json& Json::close(char bracket) {
    out_ += bracket;
    wants_comma_ = true;
    return *this;
}

Json& Json::key(std::string_view name) {
    if (wants_comma_)
        out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
    wants_comma_ = false;
    return *this;
}

Json& Json::text(std::string_view text) {
    return value(model::json_string(text));
}

Json& Json::number(std::uint64_t number) {
    return value(std::to_string(number));
}

Json& Json::boolean(bool is_true) {
    return value(is_true ? "true" : "false");
}

Json& Json::null() {
    return value("null");
}

Json& Json::text_or_null(std::string_view text) {
    return text.empty() ? null() : this->text(text);
}

Json& Json::number_or_null(std::uint64_t number) {
    return number == 0 ? null() : this->number(number);
}

Json& Json::time(const std::optional<model::WallTime>& time) {
    return time ? text(model::utc_text(*time)) : null();
}

Json& Json::texts(const std::vector<std::string>& texts) {
    open('[');
    for (const std::string& one : texts) text(one);
    return close(']');
}

}  // namespace slotd::admin
