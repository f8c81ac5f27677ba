// SPDX-License-Identifier: MIT
#pragma once

#include "report.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/server.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/round.hpp"
#include "stray_slots.hpp"

#include <asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slotd::sync {

/// Keeps HAProxy's server-state file as HAProxy's live state is, so that any reload starts filled.
class StateKeeper {
  public:
    /// An empty path keeps nothing.
    explicit StateKeeper(std::string path) : path_(std::move(path)) {}

    /// Keeps another file from now on.
    void keep_at(const std::string& path) {
        stale_ = true;
        path_ = path;
        strays_.forget();
    }

    /// Notes commands that may have gone to another process than the one that was known.
    void sent_to_unknown(const std::vector<Done>& done) { strays_.sent(done); }
    /// Notes the first full read of another process: what the state file made of its slots.
    void meet(const std::vector<model::Server>& servers, Report& report);
    /// Marks the slots that it led astray.
    void mark(Following& following) { strays_.mark(following); }

    /// Notes a full read: whether the file is behind it, and which slots must not be in it.
    void look(const std::vector<model::Server>& servers, const Following& following,
              Report& report);
    /// Something was changed: the file is behind.
    void stale() { stale_ = true; }

    /// Writes the file when it is behind and the process `pid` still answers: the slots of one that
    /// a reload just started may be empty, and are filled first. A failure is said once and tried
    /// again with the next call.
    asio::awaitable<void> keep(haproxy::Runtime& runtime, std::int64_t pid, Report& report);

  private:
    void say(Report& report, const model::Error& error);

    std::string path_;
    bool stale_ = true;
    std::optional<std::size_t> written_;  ///< a hash of what the file shows
    /// Slots whose line holds an address. HAProxy restores their state and port but not their
    /// address, and would send requests to the one of the line.
    std::set<model::SlotId> dangerous_;
    StraySlots strays_;
    std::string said_;
};

}  // namespace slotd::sync
