// SPDX-License-Identifier: MIT
#include "server_line.hpp"

#include "server_options.hpp"
#include "slotd/model/text.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace slotd::catalog {
namespace {

using Words = std::vector<std::string>;

// As HAProxy parts a line: blanks, quotes of both kinds, a comment from # on.
model::Result<Words> split_words(std::string_view line) {
    Words words;
    bool open = false;  // within a word
    char quote = '\0';
    for (const char c : line) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
            return senseless("it has a control character");
        if (c == '\\')
            return senseless("it has a backslash, which only means a line end, as \\n");
        if (quote != '\0' ? c == quote : c == '"' || c == '\'') {
            quote = quote == '\0' ? c : '\0';
            if (!open)
                words.emplace_back();
            open = true;
            continue;
        }
        if (quote == '\0' && c == '#')
            break;
        if (quote == '\0' && (c == ' ' || c == '\t')) {
            open = false;
            continue;
        }
        if (!open)
            words.emplace_back();
        open = true;
        words.back() += c;
    }
    if (quote != '\0')
        return senseless("a quote is not closed");
    return words;
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || text.front() == '-')
        return std::nullopt;
    return number;
}

// [2001:db8::1]:80, 2001:db8::1:80 or 10.0.0.1:80; HAProxy too takes what is after the last colon
// as the port.
model::Result<void> take_address(ServerEntry& entry, std::string_view text) {
    const auto colon = text.rfind(':');
    const std::string_view address = text.substr(0, colon);
    if (colon == std::string_view::npos || address.empty() || text.ends_with(']'))
        return senseless(in_quotes(text) + " is not ADDR:PORT");
    const auto port = number_in(text.substr(colon + 1));
    if (!port)
        return senseless(in_quotes(text.substr(colon + 1)) + " is no port");
    entry.address = without_brackets(address);
    entry.port = *port;
    return {};
}

// `check` is the slot line's to say: HAProxy can't be told at run time.
bool is_followed(std::string_view option) {
    return option == "weight" || option == "disabled" || option == "enabled" || option == "check" ||
           option == "no-check";
}

void ignore(ServerEntry& entry, const Words& words, std::size_t from, std::size_t to) {
    for (; from < to; ++from) entry.ignored += (entry.ignored.empty() ? "" : " ") + words[from];
}

model::Result<void> take_options(ServerEntry& entry, const Words& words) {
    for (std::size_t at = 3; at < words.size();) {
        const std::string& option = words[at];
        const auto arguments = arguments_of_server_option(option);
        if (!arguments)
            return senseless("HAProxy has no server option " + in_quotes(option));
        if (at + *arguments >= words.size())
            return senseless(in_quotes(option) + " lacks its value");
        if (option == "weight") {
            const auto weight = number_in(words[at + 1]);
            if (!weight)
                return senseless(in_quotes(words[at + 1]) + " is no weight");
            entry.weight = *weight;
        } else if (option == "disabled" || option == "enabled") {
            entry.disabled = option == "disabled";
        }
        const std::size_t next = at + 1 + *arguments;
        if (!is_followed(option))
            ignore(entry, words, at, next);
        at = next;
    }
    return {};
}

}  // namespace

model::Result<std::optional<ServerEntry>> parse_server_line(std::string_view line) {
    const auto words = split_words(line);
    if (!words)
        return words.error();
    if (words->empty())
        return std::optional<ServerEntry>();
    if (words->front() != "server")
        return senseless(in_quotes(words->front()) +
                         " begins no server line; a key holds `server NAME ADDR:PORT` lines only");
    if (words->size() < 3)
        return senseless("it is not `server NAME ADDR:PORT`");
    ServerEntry entry;
    entry.name = (*words)[1];
    if (auto taken = take_address(entry, (*words)[2]); !taken)
        return taken.error();
    if (auto taken = take_options(entry, *words); !taken)
        return taken.error();
    return std::optional<ServerEntry>(std::move(entry));
}

}  // namespace slotd::catalog
