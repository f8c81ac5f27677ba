// SPDX-License-Identifier: MIT
#include "target.hpp"

#include "slotd/model/text.hpp"

#include <algorithm>

namespace slotd::admin {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size())
            return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0)
            return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

bool is_target_character(char c) {
    return c > 0x20 && c < 0x7f && std::string_view("\"#<>\\^`{|}").find(c) == std::string_view::npos;
}

}  // namespace

std::optional<Refusal> read_target(std::string_view target, Request& to) {
    if (!target.starts_with('/'))
        return Refusal(400, "the target must begin with a slash");
    if (!std::all_of(target.begin(), target.end(), is_target_character))
        return Refusal(400, "the target has characters that must be percent-encoded");
    const auto mark = target.find('?');
    to.path = target.substr(0, mark);
    if (mark == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = target.substr(mark + 1);
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const auto equals = pair.find('=');
        const auto name = decode(pair.substr(0, equals));
        const auto value = decode(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
        if (!name || !value || name->empty())
            return Refusal(400, "\"" + model::printable(pair) + "\" in the query is no NAME=VALUE");
        for (const auto& [known, unused] : to.query)
            if (known == *name)
                return Refusal(400,
                               "\"" + model::printable(*name) + "\" stands in the query twice");
        to.query.emplace_back(*name, *value);
    }
    return std::nullopt;
}

}  // namespace slotd::admin
