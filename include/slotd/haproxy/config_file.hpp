// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What haproxy.cfg says and no socket tells, of the lines that matter to slots. No more than that
// is read: environment variables stay as they are written, and lines under `.if` count as in force.

namespace slotd::haproxy {

/// A line of a file.
struct Place {
    std::string file;
    std::size_t line = 0;

    Place() = default;
    Place(std::string file_, std::size_t line_) : file(std::move(file_)), line(line_) {}
    bool operator==(const Place&) const = default;
};

/// "/etc/haproxy/haproxy.cfg:12", printable.
std::string to_string(const Place& place);

/// A `server` or `server-template` line, the `default-server` lines above it counted in.
struct ServerLine {
    Place at;
    std::string name;  ///< of a template: the prefix
    unsigned first = 0;
    unsigned last = 0;      ///< 0: no template
    std::string init_addr;  ///< empty: HAProxy's default
    std::string resolvers;
    std::string track;
    std::string cookie;

    ServerLine() = default;
    /// Whether it makes this server.
    bool makes(std::string_view server) const;
};

/// A `backend` or `listen` section, the `defaults` it starts from counted in.
struct ProxySection {
    std::string name;
    std::string balance;     ///< the algorithm, "hdr" of `balance hdr(host)`; empty: none
    std::string cookie;      ///< the name in `cookie NAME insert ...`; empty: none
    std::string hash_type;   ///< its first word, "consistent" or "map-based"; empty: none
    std::string load_state;  ///< of load-server-state-from-file: "global", "local"; empty: none
    std::string state_name;  ///< of server-state-file-name
    std::vector<ServerLine> servers;

    ProxySection() = default;
};

struct StatsSocket {
    Place at;
    std::string address;
    bool exposes_listeners = false;

    StatsSocket() = default;
};

struct ConfigFile {
    std::string state_file;  ///< server-state-file; empty: none
    std::string state_base;  ///< server-state-base
    std::vector<StatsSocket> sockets;
    std::vector<ProxySection> proxies;

    ConfigFile() = default;
    /// Null when there is none.
    const ProxySection* proxy(std::string_view name) const;
    /// The state file that HAProxy loads for this section; empty: none.
    std::string state_path(const ProxySection& proxy) const;
};

/// `files` are paths and texts, in HAProxy's order. Lines that HAProxy would refuse tell nothing.
ConfigFile parse_config_files(const std::vector<std::pair<std::string, std::string>>& files);

/// The words of one line: without quotes, escapes and the comment.
std::vector<std::string> config_words(std::string_view line);

}  // namespace slotd::haproxy
