// SPDX-License-Identifier: MIT
#include "slotd/model/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace slotd::model {
namespace {

struct Decoded {
    std::uint32_t code = 0;
    std::size_t length = 0;  // 0: not UTF-8
};

Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80)
        return {first, 1};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length)
        return {};
    std::uint32_t code = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return {};
        code = code << 6 | (byte(i) & 0x3fU);
    }
    static constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return {};
    return {code, length};
}

// What could end a line, move the cursor or turn the direction of the text around it.
bool is_unsafe(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x061c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f);
}

// How many characters from `at` on stand for themselves everywhere; nearly all do.
std::size_t plain_length(std::string_view text, std::size_t at) {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= 0x20 && text[at] < 0x7f && text[at] != '"' &&
           text[at] != '\\')
        ++at;
    return at - begin;
}

template <typename... Values>
void append_format(std::string& to, const char* format, Values... values) {
    std::array<char, 16> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), format, values...);
    to.append(buffer.data(), static_cast<std::size_t>(length));
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
    std::string out;
    out.reserve(text.size() < most ? text.size() : most + 3);
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t plain = std::min(plain_length(text, at), most - at);
        out += text.substr(at, plain);
        at += plain;
        if (at == text.size())
            break;
        const auto rest = text.substr(at);
        const Decoded decoded = decode(rest);
        const std::size_t length = decoded.length == 0 ? 1 : decoded.length;
        if (at + length > most)
            return out + "...";
        if (decoded.length == 0)
            append_format(out, "\\x%02x",
                          static_cast<unsigned>(static_cast<std::uint8_t>(rest[0])));
        else if (decoded.code == '\\')
            out += "\\\\";
        else if (is_unsafe(decoded.code) && decoded.length == 1)
            append_format(out, "\\x%02x", static_cast<unsigned>(decoded.code));
        else if (is_unsafe(decoded.code))
            append_format(out, "\\u{%04x}", static_cast<unsigned>(decoded.code));
        else
            out += rest.substr(0, length);
        at += length;
    }
    return out;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t plain = plain_length(text, at);
        out += text.substr(at, plain);
        at += plain;
        if (at == text.size())
            break;
        const auto rest = text.substr(at);
        const Decoded decoded = decode(rest);
        if (decoded.length == 0)
            out += "\xef\xbf\xbd";
        else if (decoded.code == '"' || decoded.code == '\\')
            out.append({'\\', rest[0]});
        else if (decoded.code < 0x20)
            append_format(out, "\\u%04x", static_cast<unsigned>(decoded.code));
        else
            out += rest.substr(0, decoded.length);
        at += decoded.length == 0 ? 1 : decoded.length;
    }
    return out + "\"";
}

bool same_but_for_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool matches_glob(std::string_view text, std::string_view glob) {
    std::size_t t = 0;
    std::size_t g = 0;
    std::size_t star = std::string_view::npos;  // where to go on after a mismatch
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            star_text = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') ++g;
    return g == glob.size();
}

}  // namespace slotd::model
