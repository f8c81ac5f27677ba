// SPDX-License-Identifier: MIT
#include "slotd/app/config.hpp"

#include <algorithm>
#include <array>

namespace slotd::app {
namespace {

constexpr std::array section_table{
    Section{"consul", "consul", "how Consul is reached, and what it is asked"},
    Section{"haproxy", "haproxy", "the HAProxys to work on"},
    Section{"admin", "admin", "how a running slotd is seen and steered"},
    Section{"kv", "kv", "names for KV keys that hold lists of servers"},
    Section{
        "file", "file",
        "only where slotd shall write haproxy.cfg itself: a backend for each service that has the "
        "tag"},
    Section{"defaults", "backend",
            "what every backend starts from; it holds any of the keys of [backend.NAME]"},
    Section{"backend.NAME", "backend",
            "what holds for the backend NAME of haproxy.cfg; none is needed where its slot lines "
            "say enough"},
};

template <typename Target>
bool takes_any(std::span<const Key<Target>> keys, std::string_view table) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const Key<Target>& key) { return key.table == table && key.take; });
}

}  // namespace

std::span<const Section> sections() {
    return section_table;
}

bool is_supported(const Section& section) {
    return takes_any(config_keys(), section.table) || takes_any(backend_keys(), section.table) ||
           takes_any(file_keys(), section.table);
}

}  // namespace slotd::app
