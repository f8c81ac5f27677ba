// SPDX-License-Identifier: MIT
#include "slotd/catalog/query.hpp"

#include "slotd/model/text.hpp"
#include "slotd/net/http.hpp"

#include <algorithm>

namespace slotd::catalog {

std::string to_string(const Query& query) {
    std::string details;
    const auto add = [&](const std::string& what) {
        details += (details.empty() ? "" : ", ") + what;
    };
    if (!query.tags.empty()) {
        std::string tags = query.tags.size() == 1 ? "tag" : "tags";
        for (const std::string& tag : query.tags) tags += " " + model::printable(tag, 60);
        add(tags);
    }
    if (!query.datacenter.empty())
        add("datacenter " + model::printable(query.datacenter, 60));
    if (!query.filter.empty())
        add("filter " + model::printable(query.filter, 100));
    const std::string service = model::printable(query.service, 100);
    return details.empty() ? service : service + " (" + details + ")";
}

model::Result<void> check_service_name(const std::string& service) {
    const bool control = std::any_of(service.begin(), service.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!service.empty() && service != "." && service != ".." && !control)
        return {};
    return model::Error(model::ErrorKind::config,
                        "\"" + model::printable(service) + "\" is no name Consul can be asked for",
                        {}, "write the service's name as Consul lists it");
}

std::string health_target(const Query& query, const Scope& scope,
                          std::optional<std::uint64_t> index) {
    std::string target = "/v1/health/service/" + net::percent_encode(query.service);
    char separator = '?';
    const auto add = [&](std::string_view name, std::string_view value) {
        target += separator;
        target += name;
        if (!value.empty()) {
            target += '=';
            target += net::percent_encode(value);
        }
        separator = '&';
    };
    if (scope.consistency == Consistency::stale)
        add("stale", "");
    if (scope.consistency == Consistency::consistent)
        add("consistent", "");
    const std::string& datacenter = query.datacenter.empty() ? scope.datacenter : query.datacenter;
    if (!datacenter.empty())
        add("dc", datacenter);
    for (const std::string& tag : query.tags) add("tag", tag);
    if (!query.filter.empty())
        add("filter", query.filter);
    if (!scope.ns.empty())
        add("ns", scope.ns);
    if (!scope.partition.empty())
        add("partition", scope.partition);
    if (index) {
        add("index", std::to_string(*index));
        add("wait", std::to_string(scope.wait.count()) + "s");
    }
    return target;
}

}  // namespace slotd::catalog
