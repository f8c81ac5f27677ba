// SPDX-License-Identifier: MIT
#include "slotd/catalog/server_list.hpp"

#include "server_entry.hpp"
#include "server_json.hpp"
#include "server_line.hpp"
#include "slotd/model/text.hpp"

#include <string>
#include <utility>

namespace slotd::catalog {
namespace {

using model::Error;
using model::ErrorKind;

Error senseless_list(std::string where, const std::string& why) {
    return Error(ErrorKind::unreadable, why, std::move(where),
                 "nothing of the new value is used until it is mended");
}

model::Result<model::Instances> read_lines(std::string_view value) {
    ServerEntries entries;
    unsigned number = 0;
    for (const std::string_view line : split_lines(value)) {
        const std::string where = "line " + std::to_string(++number);
        const auto refuse = [&](const Error& error) {
            return senseless_list(where, "\"" + model::printable(line, 150) + "\": " + error.what);
        };
        auto entry = parse_server_line(line);
        if (!entry)
            return refuse(entry.error());
        if (!*entry)
            continue;
        if (const auto added = entries.add(**std::move(entry), where); !added)
            return refuse(added.error());
    }
    return entries.take();
}

model::Result<model::Instances> read_json(std::string_view value) {
    auto read = parse_server_json(value);
    if (!read)
        return senseless_list({}, read.error().what);
    ServerEntries entries;
    std::size_t number = 0;
    for (ServerEntry& entry : *read) {
        const std::string where = "[" + std::to_string(number++) + "]";
        if (const auto added = entries.add(std::move(entry), where); !added)
            return senseless_list(where, added.error().what);
    }
    return entries.take();
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view value) {
    std::vector<std::string_view> lines;
    while (!value.empty()) {
        std::size_t end = value.find_first_of("\n\\");
        while (end != std::string_view::npos && value[end] == '\\' &&
               !value.substr(end).starts_with("\\n"))
            end = value.find_first_of("\n\\", end + 1);
        std::string_view line = value.substr(0, end);
        value.remove_prefix(end == std::string_view::npos ? value.size()
                                                          : end + (value[end] == '\n' ? 1 : 2));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        lines.push_back(line);
    }
    return lines;
}

model::Result<model::Instances> parse_server_list(std::string_view value) {
    const auto first = value.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && value[first] == '[')
        return read_json(value);
    return read_lines(value);
}

}  // namespace slotd::catalog
