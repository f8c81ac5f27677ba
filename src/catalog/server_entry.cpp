// SPDX-License-Identifier: MIT
#include "server_entry.hpp"

#include "slotd/model/names.hpp"
#include "slotd/model/text.hpp"

#include <optional>
#include <utility>

namespace slotd::catalog {

model::Error senseless(std::string why) {
    return model::Error(model::ErrorKind::unreadable, std::move(why));
}

std::string_view without_brackets(std::string_view address) {
    if (address.starts_with('[') && address.ends_with(']') &&
        address.find(':') != std::string_view::npos)
        return address.substr(1, address.size() - 2);
    return address;
}

std::string in_quotes(std::string_view text) {
    return "\"" + model::printable(text, 100) + "\"";
}

model::Result<void> ServerEntries::add(ServerEntry entry, const std::string& where) {
    if (!model::is_haproxy_name(entry.name))
        return senseless(in_quotes(entry.name) +
                         " is no name of a server (letters, digits and -_.: only)");
    // HAProxy refuses a file with such a pair: one of them was meant to be another.
    const auto [first, fresh] = where_of_.emplace(entry.name, where);
    if (!fresh)
        return senseless("the server of " + first->second + " has the name " + entry.name + " too");

    const auto port = model::Port::from(entry.port);
    if (!port)
        return senseless("port " + std::to_string(entry.port) + " is not between 1 and 65535");
    if (entry.weight < 0)
        return senseless("weight " + std::to_string(entry.weight) + " is below 0");

    model::InstanceId id({}, std::move(entry.name));
    const auto address = model::Address::parse(entry.address);
    if (!address && (entry.address.empty() || !model::is_host_name(entry.address)))
        return senseless(in_quotes(entry.address) + " is no IP address");
    if (!address) {
        instances_.refused.emplace_back(std::move(id), "its address " + in_quotes(entry.address) +
                                                           " is a host name; write its IP address");
        return {};
    }
    if (const auto why = model::why_unusable(*address); !why.empty()) {
        instances_.refused.emplace_back(
            std::move(id), "its address " + to_string(*address) + " " + std::string(why));
        return {};
    }
    if (!entry.ignored.empty())
        instances_.ignored.emplace_back(id, std::move(entry.ignored), where);
    model::Instance instance(std::move(id), model::AddressPort(*address, *port));
    instance.weight_passing = entry.weight;
    instance.weight_warning = entry.weight;
    instance.maintenance = entry.disabled;
    instances_.list.push_back(std::move(instance));
    return {};
}

}  // namespace slotd::catalog
