// SPDX-License-Identifier: MIT
#pragma once

#include "report.hpp"
#include "slotd/model/address.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/server.hpp"
#include "slotd/sync/follow.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slotd::sync {

/// Where commands were to put slots.
using Filled = std::map<model::SlotId, model::AddressPort>;

/// Slots that a reload made ready where their instance is not. From the state file HAProxy takes
/// the address only of lines whose `init-addr` has `last`, but state and port of all; and it does
/// not tell an `init-addr`, so such a line shows only in what a reload made of it.
class StraySlots {
  public:
    /// Compares what HAProxy has after a reload with the state file that it may have begun with. A
    /// slot that is where it was `filled` is where slotd wants it.
    void find(const std::vector<model::Server>& servers, const Filled& filled,
              const std::string& state_file, Report& report);
    /// Marks those of the slots that are astray still.
    void mark(Following& following);
    /// The state file must not have it: the next reload would lead it astray again.
    bool is_unsafe(const model::Server& server) const;
    /// The lines may have been mended.
    void forget() { lines_.clear(); }

  private:
    using Line = std::pair<model::BackendName, std::string>;  ///< with the host name

    std::map<model::SlotId, model::AddressPort> stray_;
    std::set<Line> lines_;
};

}  // namespace slotd::sync
