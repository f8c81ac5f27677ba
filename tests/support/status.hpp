// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/status.hpp"

#include <chrono>
#include <string>

namespace slotd::testing {

/// So many seconds after 2001-09-09T01:46:40Z, which is 10^9.
inline model::WallTime at_second(int second) {
    return model::WallTime(std::chrono::seconds(1'000'000'000 + second));
}

inline sync::HaproxyStatus down_haproxy(const std::string& socket) {
    sync::HaproxyStatus haproxy;
    haproxy.socket = socket;
    haproxy.error = "gone";
    return haproxy;
}

inline sync::Status one_haproxy() {
    sync::Status status;
    status.version = "9.9";
    status.started = at_second(0);
    status.now = at_second(70);
    sync::HaproxyStatus& haproxy = status.haproxys.emplace_back();
    haproxy.socket = "/a.sock";
    haproxy.up = true;
    haproxy.version = "3.0.1";
    haproxy.pid = 42;
    return status;
}

inline sync::SlotStatus slot(const std::string& name, sync::SlotState state) {
    sync::SlotStatus made;
    made.name = name;
    made.state = state;
    made.weight = 1;
    return made;
}

/// Filled, with a free slot and nothing to say.
inline sync::BackendStatus idle_backend(const std::string& name,
                                        const std::string& socket = "/a.sock") {
    sync::BackendStatus backend;
    backend.name = name;
    backend.socket = socket;
    backend.service = name;
    backend.filled = true;
    backend.slots.push_back(slot("s1", sync::SlotState::free));
    return backend;
}

/// With something in each place.
inline sync::BackendStatus full_backend(const std::string& name) {
    sync::BackendStatus backend = idle_backend(name);
    backend.service = name + " (tag a)";
    backend.paused = true;
    backend.paused_until = at_second(9);
    backend.held.emplace("acl", "do \"that\"", at_second(1));
    backend.slots = {slot("s1", sync::SlotState::ready), slot("s2", sync::SlotState::draining),
                     slot("s3", sync::SlotState::out), slot("s4", sync::SlotState::free)};
    sync::SlotStatus& first = backend.slots.front();
    first.address = "10.0.0.1";
    first.port = 80;
    first.weight = 5;
    first.instance = "a";
    first.node = "n1";
    first.since = at_second(4);
    backend.serving = 1;
    backend.waiting = {"c on n1", "d on n1"};
    backend.refused.emplace_back("e on n1", "port 0");
    backend.last_change = at_second(2);
    backend.last_success = at_second(3);
    backend.last_error = "it failed";
    backend.would = {"set server web/s4 state ready"};
    return backend;
}

/// Rolled back, then edited.
inline sync::FileStatus pinned_file() {
    sync::FileStatus file;
    file.path = "/etc/haproxy.cfg";
    file.version = 7;
    file.placed = at_second(5);
    file.pinned = 7;
    file.edited = true;
    file.backends = 3;
    file.lingering = 1;
    file.error = "it failed";
    return file;
}

}  // namespace slotd::testing
