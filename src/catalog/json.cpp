// SPDX-License-Identifier: MIT
#include "json.hpp"

#include <utility>

namespace slotd::catalog::json {

void fail(std::string what) {
    throw Unreadable{std::move(what)};
}

std::string_view type_name(element_type type) {
    switch (type) {
        case element_type::ARRAY:
            return "an array";
        case element_type::OBJECT:
            return "an object";
        case element_type::STRING:
            return "a string";
        case element_type::BOOL:
            return "a boolean";
        case element_type::NULL_VALUE:
            return "null";
        default:
            return "a number";
    }
}

std::string Path::text() const {
    return above_ ? above_->text() + "." + std::string(key_) : "[" + std::to_string(entry_) + "]";
}

std::optional<element> find(const object& in, std::string_view key) {
    element value;
    if (in.at_key(key).get(value) != simdjson::SUCCESS || value.is_null())
        return std::nullopt;
    return value;
}

object object_of(const object& in, std::string_view key, const Path& path) {
    const auto value = find(in, key);
    if (!value)
        fail((path / key).text() + " is missing");
    return as<object>(*value, "an object", path / key);
}

std::string_view string_of(const object& in, std::string_view key, const Path& path) {
    const auto value = find(in, key);
    return value ? as<std::string_view>(*value, "a string", path / key) : std::string_view{};
}

std::int64_t integer_of(const object& in, std::string_view key, std::int64_t absent,
                        const Path& path) {
    const auto value = find(in, key);
    return value ? as<std::int64_t>(*value, "a whole number", path / key) : absent;
}

array list_of(const element& document) {
    array list;
    if (document.get(list) != simdjson::SUCCESS)
        fail("the document is " + std::string(type_name(document.type())) + ", not an array");
    return list;
}

}  // namespace slotd::catalog::json
