// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/agent.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/file/history.hpp"
#include "slotd/haproxy/config_file.hpp"
#include "slotd/haproxy/inspect.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"
#include "slotd/model/server.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What `slotd check` has seen, as values; findings.hpp judges them.

namespace slotd::app {

struct ConsulFacts {
    std::string address;  ///< as `--consul` takes it
    bool has_token = false;
    bool verifies = true;      ///< over https:// its certificate is checked
    std::size_t followed = 0;  ///< lists that slotd would follow, each over a connection of its own
    model::Result<catalog::Agent> agent;

    ConsulFacts(std::string address_, model::Result<catalog::Agent> agent_)
        : address(std::move(address_)), agent(std::move(agent_)) {}
};

/// What Consul says of one list that slots follow.
struct ServiceFacts {
    catalog::Query query;
    model::Answer answer;
    std::optional<std::size_t> unfiltered;  ///< instances without tags and filter, of an empty list
    std::optional<catalog::Readable> readable;    ///< of the service; none: Consul did not say
    std::optional<catalog::Readable> every_node;  ///< and of every node
    std::optional<bool> any_node;                 ///< or at least of one

    ServiceFacts(catalog::Query query_, model::Answer answer_)
        : query(std::move(query_)), answer(std::move(answer_)) {}
};

/// haproxy.cfg.
struct ConfigFacts {
    std::vector<std::string> paths;           ///< empty: nobody said where it is
    std::optional<haproxy::ConfigFile> file;  ///< none: it was not read
    std::optional<model::Error> trouble;      ///< why, where a path is known

    ConfigFacts() = default;
};

struct HaproxyFacts {
    std::string socket;
    std::string socket_path;  ///< empty: it is no UNIX socket
    model::Result<haproxy::Inspection> inspection;
    ConfigFacts config;
    std::vector<model::Error> problems;  ///< slots that can't be followed, backends without slots
    std::vector<model::SlotId> slots;

    HaproxyFacts(std::string socket_, model::Result<haproxy::Inspection> inspection_)
        : socket(std::move(socket_)), inspection(std::move(inspection_)) {}
};

/// Slots of a backend that follow the same list.
struct FollowFacts {
    std::string follows;  ///< "the service web (tag prod)"
    std::size_t slots = 0;
    std::optional<std::size_t> instances;  ///< that want a slot; none: not known

    FollowFacts() = default;
};

struct BackendFacts {
    std::string where;  ///< its name, and where there are several the socket
    std::vector<FollowFacts> follows;
    std::vector<model::Server> slots;            ///< all of them
    std::string algorithm;                       ///< of `balance`; empty: not told
    std::map<std::string, std::string> cookies;  ///< of its servers, where the backend uses them
    bool gate = false;
    std::optional<haproxy::ProxySection> section;  ///< of haproxy.cfg; none: not read
    bool loads_state = false;  ///< a state file is loaded for it, as far as is known

    explicit BackendFacts(std::string where_) : where(std::move(where_)) {}
};

/// What one backend with slots loads at a start.
struct LoadFacts {
    std::string backend;
    std::string path;  ///< empty: no state file

    LoadFacts(std::string backend_, std::string path_)
        : backend(std::move(backend_)), path(std::move(path_)) {}
};

struct StateFileFacts {
    std::string path;                             ///< slotd's `state_file`; empty: none
    std::optional<std::vector<LoadFacts>> loads;  ///< none: haproxy.cfg was not read
    bool was_loaded = false;                      ///< HAProxy started with some state
    std::string folder_trouble;                   ///< why slotd may not write there; empty: it may
    std::optional<std::string> text;              ///< the file; none: it can't be read
    std::string text_trouble;                     ///< why
    bool is_there = false;
    std::string unreadable_for;  ///< "user 99": HAProxy's, which may not read it; empty: not known
    std::vector<model::Server> live;  ///< the slots as HAProxy shows them

    StateFileFacts() = default;
};

/// The file that slotd manages.
struct FileFacts {
    std::string path;
    std::string folder_trouble;  ///< why slotd may not write there; empty: it may
    std::optional<model::Error> template_error;
    std::optional<model::Result<std::string>> rendered;  ///< what it would be; none: not asked for
    std::size_t backends = 0;                            ///< in that
    std::optional<model::Result<void>> checked;          ///< by HAProxy; none: not tried
    std::string reload_by;  ///< "the command systemctl", "the PID in /run/haproxy.pid"
    std::optional<model::Error> reload_trouble;
    model::Result<file::Index> index = file::Index();
    bool is_there = false;
    model::Result<std::string> text = std::string();  ///< of the file, when it is there

    FileFacts() = default;
};

}  // namespace slotd::app
