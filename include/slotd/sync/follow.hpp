// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/query.hpp"
#include "slotd/model/error.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/server.hpp"
#include "slotd/sync/settings.hpp"

#include <compare>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slotd::sync {

/// Slots of one backend that follow the same query are one group: planned together, held together.
struct GroupKey {
    model::BackendName backend;
    catalog::Query query;

    GroupKey(model::BackendName backend_, catalog::Query query_)
        : backend(std::move(backend_)), query(std::move(query_)) {}
    auto operator<=>(const GroupKey&) const = default;
};

struct Group {
    GroupKey key;
    std::vector<model::Server> slots;  ///< in HAProxy's order

    explicit Group(GroupKey key_) : key(std::move(key_)) {}
};

struct Following {
    std::vector<Group> groups;  ///< in HAProxy's order of backends
    std::vector<model::Error>
        problems;  ///< slots whose name can't be followed, backends asked for that are not there
    std::set<model::BackendName>
        disabled;  ///< backends with slots, in which nothing can be changed

    Following() = default;
};

/// What the host names of slots were found to say, one for each backend: nearly always all of its
/// slots have the same. For one Settings: to be emptied when these change.
class KnownHosts {
  public:
    /// Null: not known.
    const catalog::Query* find(const model::Server& server) const;
    void add(const model::Server& server, const catalog::Query& query);
    void clear() { last_.clear(); }

  private:
    std::map<model::BackendName, std::pair<std::string, catalog::Query>> last_;
};

/// Finds the slots among HAProxy's servers, and what each follows: the configuration beats the
/// slot's host name, which beats the backend's own name. A server that neither names a service nor
/// is handed over is no slot.
Following follow(std::vector<model::Server> servers, const Settings& settings);
Following follow(std::vector<model::Server> servers, const Settings& settings, KnownHosts& known);

/// Backends of `settings.only` and of [backend.*] that have no slot in a full read.
std::vector<model::Error> missing_backends(const Following& following, const Settings& settings);

}  // namespace slotd::sync
