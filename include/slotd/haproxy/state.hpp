// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"
#include "slotd/model/server.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slotd::haproxy {

/// `show servers state [B]`, columns by name. An error (unreadable, or refused for "Can't find
/// backend.") names the line and the column; a server is never left out in silence.
model::Result<std::vector<model::Server>> parse_servers_state(std::string_view reply);

/// `show servers state` without the lines of these servers: HAProxy starts those as configured.
std::string without_servers(std::string_view reply, const std::set<model::SlotId>& servers);

/// `show info`.
model::Result<model::Process> parse_info(std::string_view reply);

/// A line of `show stat` about a server or a backend ("BACKEND").
struct ServerStat {
    std::uint64_t sessions = 0;  ///< scur: requests and connections in flight, without idle ones
    std::uint64_t queued = 0;    ///< qcur
    std::uint64_t weight = 0;
    std::uint64_t last_change = 0;  ///< seconds
    std::string backend;
    std::string server;
    std::string status;        ///< "UP", "DOWN 1/2", "MAINT", "DRAIN", "no check", ...
    std::string check_status;  ///< "L4OK", ...; empty without `check`; of the last instance until
                               ///< the first check of this one
    /// Of its own check; 0 without one. Health is `rise` when nothing was checked yet, 0 after a
    /// failure, `rise` + `fall` - 1 after a success.
    std::uint64_t check_rise = 0;
    std::uint64_t check_fall = 0;
    std::uint64_t check_health = 0;
    /// Empty unless the socket's level is `operator` at least.
    std::string algorithm;  ///< a backend's `balance`; "unknown" for `random`
    std::string cookie;     ///< the name of a backend's cookie; what a server's is

    ServerStat() = default;
    bool operator==(const ServerStat&) const = default;
};

model::Result<std::vector<ServerStat>> parse_stat(std::string_view reply);

}  // namespace slotd::haproxy
