// SPDX-License-Identifier: MIT
#pragma once

#include "report.hpp"
#include "slotd/model/address.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/server.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/round.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slotd::sync {

/// Slots that a reload made ready where their instance is not. From the state file HAProxy takes
/// the address only of lines whose `init-addr` has `last`, but state and port of all; and it does
/// not tell an `init-addr`, so such a line shows only in what a reload made of it.
class StraySlots {
  public:
    /// A slot that is found where these put it is where slotd wants it.
    void sent(const std::vector<Done>& done);
    void forget_sent() { filled_.clear(); }
    /// Compares what HAProxy has after a reload with the state file that it may have begun with.
    void find(const std::vector<model::Server>& servers, const std::string& state_file,
              Report& report);
    /// Marks those of the slots that are astray still.
    void mark(Following& following);
    /// The state file must not have it: the next reload would lead it astray again.
    bool is_unsafe(const model::Server& server) const;
    /// The lines may have been mended.
    void forget() { lines_.clear(); }

  private:
    using Line = std::pair<model::BackendName, std::string>;  ///< with the host name

    bool is_filled(const model::Server& server) const;

    std::map<model::SlotId, model::AddressPort> filled_;  ///< by what was sent
    std::map<model::SlotId, model::AddressPort> stray_;
    std::set<Line> lines_;
};

}  // namespace slotd::sync
