// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/net/socket_address.hpp"
#include "slotd/plan/policy.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slotd::sync {

/// One [backend.NAME], on top of [defaults].
struct BackendSettings {
    std::string service;            ///< empty: what the slots name, else the backend's own name
    std::string kv;                 ///< a KV key instead of a service, tags and a filter
    std::vector<std::string> tags;  ///< besides the tag the slots name
    std::string filter;
    std::string datacenter;  ///< empty: what the slots name, else the agent's own
    std::string slots;  ///< a glob on the names of servers handed over although their lines name no
                        ///< service; empty: none
    plan::Policy policy;

    BackendSettings() = default;
};

struct Settings {
    std::vector<net::SocketAddress> sockets;  ///< each is its own HAProxy
    std::chrono::milliseconds poll{1000};
    std::string state_file;    ///< HAProxy's server-state file to keep fresh; empty: none
    BackendSettings defaults;  ///< for backends that have no section
    std::map<std::string, BackendSettings> backends;  ///< by name; already on top of `defaults`
    bool dry_run = false;                             ///< what is logged is what would be
    std::map<std::string, std::string> kv;            ///< KV keys by the names that slots give them
    std::vector<std::string> only;  ///< work on these backends only; empty: on all

    Settings() = default;

    const BackendSettings& of(const std::string& backend) const {
        const auto found = backends.find(backend);
        return found == backends.end() ? defaults : found->second;
    }
};

}  // namespace slotd::sync
