// SPDX-License-Identifier: MIT
#include "slotd/file/lines.hpp"

#include "slotd/catalog/server_list.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

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

/// Of a line that follows the rules of a list of servers; empty: nothing.
std::string_view why_not_copied(std::string_view line) {
    // Only here is a comment more than skipped: it gets into the file.
    if (std::any_of(line.begin(), line.end(), is_control))
        return "it has a control character";
    // Who may write the key would else read what HAProxy has in its environment.
    if (line.find('$') != std::string_view::npos)
        return "it has a $, by which HAProxy reads its environment";
    return {};
}

std::string lines_of(const std::vector<model::Instance>& servers) {
    std::string lines;
    for (const model::Instance& one : servers)
        add(lines, "server " + one.id.id + " " + to_string(one.at) + " weight " +
                       std::to_string(one.weight_passing) + (one.maintenance ? " disabled" : ""));
    return lines;
}

model::Result<std::string> copied(std::string_view value) {
    std::string lines;
    std::size_t number = 0;
    for (const std::string_view part : catalog::split_lines(value)) {
        const std::string_view line = trimmed(part);
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        if (const std::string_view why = why_not_copied(line); !why.empty())
            return model::Error(model::ErrorKind::unreadable,
                                "\"" + model::printable(line, 150) + "\": " + std::string(why),
                                "line " + std::to_string(number),
                                "nothing of the new value is used until it is mended");
        add(lines, line);
    }
    return lines;
}

// A file without them, once loaded, takes all servers away at once.
model::Error no_server(const std::vector<model::Refused>& left_out) {
    model::Error error(model::ErrorKind::unreadable, "it lists no server");
    if (!left_out.empty())
        error.what = "it lists no server that can be used: " + left_out.front().why;
    error.hint =
        "write those that shall not serve as `disabled`; on_empty = \"apply\" in [defaults] would "
        "take an empty list";
    return error;
}

}  // namespace

model::Result<KeyLines> server_lines(std::string_view value, OnEmpty on_empty) {
    auto servers = catalog::parse_server_list(value);
    if (!servers)
        return servers.error();
    KeyLines lines;
    const auto first = value.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && value[first] == '[') {
        lines.text = lines_of(servers->list);
        lines.left_out = std::move(servers->refused);
    } else {
        auto text = copied(value);
        if (!text)
            return text.error();
        lines.text = *std::move(text);
    }
    if (lines.text.empty() && on_empty == OnEmpty::hold)
        return no_server(lines.left_out);
    return lines;
}

std::vector<model::Error> remarks_on(const KeyLines& lines, const std::string& key) {
    std::vector<model::Error> remarks;
    for (const model::Refused& one : lines.left_out)
        remarks.emplace_back(
            model::ErrorKind::config, one.why,
            "the server " + to_string(one.id) + " of the key " + model::printable(key),
            "it is left out of the managed file");
    return remarks;
}

}  // namespace slotd::file
