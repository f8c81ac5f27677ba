// SPDX-License-Identifier: MIT
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Taking values out of a JSON document: what is absent or null is no value, what has another type
// than it must have is an error that names its place. The DOM parser reads the whole document
// before anything is taken from it; the on-demand one accepts broken JSON in what it skips.

namespace slotd::catalog::json {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// Something is not what it must be. Whoever has the document parsed catches it.
struct Unreadable {
    std::string what;
};

[[noreturn]] void fail(std::string what);

/// "an array", "a number", ...
std::string_view type_name(element_type type);

/// A place in the document, for messages: "[3].Service". Text is made of it only when it is asked
/// for. Used within one expression, or while the path above is a local of the caller.
class Path {
  public:
    explicit Path(std::size_t entry) : entry_(entry) {}
    Path operator/(std::string_view key) const { return Path(*this, key); }

    std::string text() const;

  private:
    Path(const Path& above, std::string_view key)
        : entry_(above.entry_), above_(&above), key_(key) {}

    std::size_t entry_;
    const Path* above_ = nullptr;
    std::string_view key_;
};

/// `what` is for the message: "a string".
template <typename T>
T as(const element& value, std::string_view what, const Path& path) {
    T out;
    if (value.get(out) != simdjson::SUCCESS)
        fail(path.text() + " is " + std::string(type_name(value.type())) + ", not " +
             std::string(what));
    return out;
}

/// None: absent or null.
std::optional<element> find(const object& in, std::string_view key);
/// Absent is an error too.
object object_of(const object& in, std::string_view key, const Path& path);
/// Empty: absent.
std::string_view string_of(const object& in, std::string_view key, const Path& path);
std::int64_t integer_of(const object& in, std::string_view key, std::int64_t absent,
                        const Path& path);

template <typename Each>
void each_of(const object& in, std::string_view key, const Path& path, Each each) {
    const auto value = find(in, key);
    if (!value)
        return;
    for (const element one : as<array>(*value, "an array", path / key)) each(one);
}

/// The array that the whole document must be.
array list_of(const element& document);

}  // namespace slotd::catalog::json
