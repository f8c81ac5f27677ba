// SPDX-License-Identifier: MIT
#include "slotd/file/lines.hpp"

#include "slotd/catalog/server_list.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <cstddef>

namespace slotd::file {
namespace {

void add(std::string& lines, std::string_view line) {
    lines += (lines.empty() ? "" : "\n    ") + std::string(line);
}

std::string_view trimmed(std::string_view line) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return line.substr(first, line.find_last_not_of(" \t") + 1 - first);
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

model::Result<std::string> server_lines(std::string_view value) {
    const auto servers = catalog::parse_server_list(value);
    if (!servers)
        return servers.error();
    std::string lines;
    const auto first = value.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && value[first] == '[') {
        for (const model::Instance& one : servers->list)
            add(lines, "server " + one.id.id + " " + to_string(one.at) + " weight " +
                           std::to_string(one.weight_passing) +
                           (one.maintenance ? " disabled" : ""));
        return lines;
    }
    std::size_t number = 0;
    for (const std::string_view part : catalog::split_lines(value)) {
        const std::string_view line = trimmed(part);
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        // Only here is a comment more than skipped: it gets into the file.
        if (std::any_of(line.begin(), line.end(), is_control))
            return model::Error(model::ErrorKind::unreadable,
                                "\"" + model::printable(line, 150) + "\": it has a control character",
                                "line " + std::to_string(number),
                                "nothing of the new value is used until it is mended");
        add(lines, line);
    }
    return lines;
}

}  // namespace slotd::file
