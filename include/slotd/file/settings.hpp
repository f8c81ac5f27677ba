// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"
#include "slotd/net/socket_address.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slotd::file {

/// Runs a command: the program and its arguments, no shell.
struct ReloadByCommand {
    std::vector<std::string> command;

    bool operator==(const ReloadByCommand&) const = default;
};
/// Sends SIGUSR2 to the master whose PID is in this file.
struct ReloadBySignal {
    std::string pid_file;

    bool operator==(const ReloadBySignal&) const = default;
};
/// Writes `reload` to the master's own socket (`-S`).
struct ReloadByMaster {
    net::SocketAddress socket;

    bool operator==(const ReloadByMaster&) const = default;
};
using Reload = std::variant<ReloadByCommand, ReloadBySignal, ReloadByMaster>;

/// "signal:PIDFILE" or "master:SOCKET".
model::Result<Reload> parse_reload(std::string_view text);

/// What the lines of a key that lists no server do.
enum class OnEmpty { hold, apply };

/// [file].
struct Settings {
    std::string template_path;
    std::string output;
    std::string tag = "haproxy";  ///< of the services that get a backend; empty: any
    std::string services = "*";   ///< a glob on their names
    int slots = 10;               ///< of each backend; a service's meta `slotd-slots` overrides it
    /// "{file}" in it is what is checked.
    std::vector<std::string> check{"haproxy", "-c", "-f", "{file}"};
    Reload reload = ReloadByCommand{{"systemctl", "reload", "haproxy"}};
    std::size_t keep = 50;
    std::chrono::milliseconds min_interval{5'000};
    std::chrono::milliseconds linger{600'000};
    std::map<std::string, std::string> keys;  ///< [kv]: the keys that a template names
    OnEmpty on_empty = OnEmpty::hold;         ///< of [defaults]
    std::string folder;                       ///< of the history

    /// How long a removal must stay true at least.
    std::chrono::milliseconds confirm{10'000};
    std::chrono::milliseconds linger_at_least() const { return std::max(linger, confirm); }

    /// How long it must be quiet before changes are rendered, so that several make one reload.
    std::chrono::milliseconds settle{1'000};
    /// How often the template and the file are looked at.
    std::chrono::milliseconds poll{1'000};
    /// How long a new worker may take to come up.
    std::chrono::milliseconds reload_deadline{10'000};

    Settings() = default;
    bool operator==(const Settings&) const = default;
};

}  // namespace slotd::file
