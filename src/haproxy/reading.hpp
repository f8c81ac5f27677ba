// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::haproxy {

/// Cuts the next line off `text`, without its end.
inline std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

/// The whole of `text` as a decimal number.
inline std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// An error about HAProxy's answer to `command`.
model::Error unreadable(std::string_view command, std::string what);

}  // namespace slotd::haproxy
