// SPDX-License-Identifier: MIT
#include "slotd/app/config.hpp"

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

}  // namespace

std::span<const Section> sections() {
    return section_table;
}

}  // namespace slotd::app
