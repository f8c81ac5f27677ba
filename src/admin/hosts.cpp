// SPDX-License-Identifier: MIT
#include "slotd/admin/hosts.hpp"

#include "loopback.hpp"

#include <algorithm>
#include <string>

namespace slotd::admin {
namespace {

bool is_local_name(std::string_view name) {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower == "localhost" || (lower.size() > 10 && lower.ends_with(".localhost"));
}

}  // namespace

bool is_local_host(std::string_view host) {
    const auto colon = host.rfind(':');
    const auto bracket = host.find(']');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const std::string_view port = host.substr(colon + 1);
        if (port.size() > 5 ||
            !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return false;
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        const auto address = model::Address::parse(host.substr(1, host.size() - 2));
        return address && address->is_v6() && is_loopback(*address);
    }
    if (const auto address = model::Address::parse(host))
        return !address->is_v6() && is_loopback(*address);
    return is_local_name(host);
}

}  // namespace slotd::admin
