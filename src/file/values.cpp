// SPDX-License-Identifier: MIT
#include "slotd/file/values.hpp"

#include <cstdint>

namespace slotd::file {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:/@+=,*?~&;!^()[]<>|").find(c) != std::string_view::npos;
}

// HAProxy turns \xNN back before a directive sees the word, so what a directive itself gives a
// meaning (log formats %[...], anonymous ACLs, line ends in a header) is taken out for good.
bool is_banned(char c) {
    return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f || c == '%' || c == '{' || c == '}';
}

}  // namespace

std::string word(std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (is_plain(c))
            out += c;
        else if (is_banned(c))
            out += '_';
        else
            out.append({'\\', 'x', digits[byte >> 4U], digits[byte & 15U]});
    }
    return out;
}

}  // namespace slotd::file
