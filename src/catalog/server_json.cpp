// SPDX-License-Identifier: MIT
#include "server_json.hpp"

#include "json.hpp"
#include "slotd/model/text.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace slotd::catalog {
namespace {

using namespace json;

void take(ServerEntry& entry, std::string_view key, const element& value, const Path& path) {
    if (key == "name")
        entry.name = as<std::string_view>(value, "a string", path);
    else if (key == "address")
        entry.address = without_brackets(as<std::string_view>(value, "a string", path));
    else if (key == "port")
        entry.port = as<std::int64_t>(value, "a whole number", path);
    else if (key == "weight")
        entry.weight = as<std::int64_t>(value, "a whole number", path);
    else if (key == "disabled")
        entry.disabled = as<bool>(value, "true or false", path);
    else
        entry.ignored += (entry.ignored.empty() ? "" : " ") + std::string(key);
}

ServerEntry read_entry(const element& one, std::size_t position) {
    const Path path(position);
    ServerEntry entry;
    std::set<std::string_view> seen;
    for (const auto& [key, value] : as<object>(one, "an object", path)) {
        const std::string name = model::printable(key, 50);
        if (!seen.insert(key).second)
            fail((path / name).text() + " is there twice");
        take(entry, key, value, path / name);
    }
    for (const std::string_view needed : {"name", "address", "port"})
        if (!seen.contains(needed))
            fail((path / needed).text() + " is missing");
    return entry;
}

}  // namespace

model::Result<std::vector<ServerEntry>> parse_server_json(std::string_view value) {
    simdjson::dom::parser parser;
    try {
        element document;
        const auto error = parser.parse(value.data(), value.size()).get(document);
        if (error != simdjson::SUCCESS)
            fail(std::string("it begins as JSON, but: ") + simdjson::error_message(error));
        std::vector<ServerEntry> entries;
        for (const element one : list_of(document))
            entries.push_back(read_entry(one, entries.size()));
        return entries;
    } catch (const Unreadable& unreadable) {
        return model::Error(model::ErrorKind::unreadable, unreadable.what);
    }
}

}  // namespace slotd::catalog
