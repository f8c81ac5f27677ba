// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::admin {

/// Appends one JSON document, value by value. The caller opens and closes in turn and gives each
/// value of an object its key.
class Json {
  public:
    Json& open(char bracket);   ///< '{' or '['
    Json& close(char bracket);  ///< '}' or ']'
    /// The next value's; a literal of the code, which needs no escape.
    Json& key(std::string_view name);

    Json& text(std::string_view value);
    Json& number(std::uint64_t value);
    Json& boolean(bool value);
    Json& null();

    /// null when it is empty.
    Json& text_or_null(std::string_view value);
    Json& number_or_null(std::uint64_t value);
    Json& time(const std::optional<model::WallTime>& value);
    Json& texts(const std::vector<std::string>& values);

    std::string take() { return std::move(out_); }

  private:
    Json& value(std::string_view text);

    std::string out_;
    bool wants_comma_ = false;
};

}  // namespace slotd::admin
