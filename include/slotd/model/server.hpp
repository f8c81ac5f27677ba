// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/weight.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::model {

/// HAProxy's administrative states.
enum class Admin { ready, drain, maint };

/// "ready", "drain", "maint": also the words of the runtime command.
std::string_view to_string(Admin admin);

/// One server as HAProxy shows it now (`show servers state`).
struct Server {
    SlotId id;
    std::uint32_t backend_id = 0;  ///< HAProxy's numbers: `show stat BACKENDID 4 SERVERID`
    std::uint32_t server_id = 0;
    Admin admin = Admin::maint;
    std::optional<AddressPort> at;  ///< none: no address, or a port that follows the client's
    Weight weight = Weight::clamped(1);
    Weight line_weight = Weight::clamped(1);  ///< of its line, whatever it is now
    std::chrono::seconds since_change{
        0};                         ///< since the state changed; what resets it differs by version
    bool has_check = false;         ///< its line has `check`
    bool line_disabled = false;     ///< its line has `disabled`, whatever it is now
    bool backend_disabled = false;  ///< its backend is: HAProxy takes no change to it
    bool lacks_address = false;     ///< it has none, and takes none: `init-addr none`
    bool astray = false;            ///< a reload made it ready where its instance is not
    std::string host_name;  ///< of its line in haproxy.cfg; empty when that holds an address

    explicit Server(SlotId id_) : id(std::move(id_)) {}
    bool operator==(const Server&) const = default;
};

/// Which HAProxy process answered; a reload or a restart changes `pid` or `started`.
struct Process {
    std::string version;  ///< "2.6.12-1+deb12u2"
    std::int64_t pid = 0;
    std::int64_t started = 0;  ///< seconds since 1970, where HAProxy tells (not 2.2: then 0)
    std::int64_t uptime = 0;   ///< seconds
    bool stopping = false;     ///< an old worker that finishes its connections

    Process() = default;
    bool operator==(const Process&) const = default;
};

/// What HAProxy says now.
struct Live {
    Process process;
    std::vector<Server> servers;  ///< in HAProxy's order

    Live() = default;
    bool operator==(const Live&) const = default;
};

}  // namespace slotd::model
