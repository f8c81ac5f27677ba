// SPDX-License-Identifier: MIT
#include "slotd/file/lines.hpp"

#include "slotd/catalog/server_list.hpp"
#include "slotd/model/instance.hpp"

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
    for (const std::string_view part : catalog::split_lines(value)) {
        const std::string_view line = trimmed(part);
        if (!line.empty() && line.front() != '#')
            add(lines, line);
    }
    return lines;
}

}  // namespace slotd::file
