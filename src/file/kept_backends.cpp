// SPDX-License-Identifier: MIT
#include "kept_file.hpp"
#include "slotd/file/backends.hpp"
#include "slotd/model/slot_name.hpp"
#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <utility>

namespace slotd::file {
namespace {

using Json = nlohmann::ordered_json;

std::string path_in(const std::string& folder) {
    return folder + "/backends.json";
}

model::Error unreadable_backends(const std::string& what, const std::string& path) {
    return model::Error(model::ErrorKind::unreadable,
                        "the kept backends can't be read: " + model::printable(what), path,
                        "slotd writes this file whole; with it moved away the backends are those "
                        "that Consul has now");
}

}  // namespace

std::string to_json(const Backends& backends) {
    Json all = Json::object();
    for (const auto& [service, backend] : backends) {
        Json one{{"tags", backend.tags}, {"meta", backend.meta}};
        if (backend.gone_since)
            one["gone_since"] = model::utc_text(*backend.gone_since);
        all[service] = std::move(one);
    }
    return Json{{"backends", std::move(all)}}.dump(1, ' ', false, Json::error_handler_t::replace) +
           "\n";
}

model::Result<Backends> parse_backends(const std::string& text, const std::string& path) {
    Backends backends;
    try {
        const Json document = Json::parse(text);
        for (const auto& [service, one] : document.at("backends").items()) {
            model::NamesService names;
            names.service = service;
            if (auto host = format_slot_name(names); !host)
                return unreadable_backends(host.error().what, path);
            Backend backend;
            backend.tags = one.at("tags").get<std::vector<std::string>>();
            backend.meta = one.at("meta").get<Meta>();
            if (one.contains("gone_since")) {
                backend.gone_since = model::parse_utc(one.at("gone_since").get<std::string>());
                if (!backend.gone_since)
                    return unreadable_backends("gone_since of " + service + " is no time", path);
            }
            backends.emplace(service, std::move(backend));
        }
    } catch (const Json::exception& error) {
        return unreadable_backends(error.what(), path);
    }
    return backends;
}

model::Result<Backends> load_backends(const std::string& folder) {
    const std::string path = path_in(folder);
    const auto text = read_kept(path);
    if (!text)
        return text.error();
    return *text ? parse_backends(**text, path) : Backends();
}

model::Result<void> save_backends(const std::string& folder, const Backends& backends) {
    return sync::replace_file(path_in(folder), to_json(backends));
}

}  // namespace slotd::file
