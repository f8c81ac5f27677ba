// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/events.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slotd::admin {

/// {"last": N, "events": [{"number", "time", "level", "socket", "backend", "slot", "instance",
/// "file", "version", "text"}]}: what it is not about is null, `last` the number to ask `after`
/// with.
std::string events_json(const std::vector<sync::Event>& events, std::uint64_t last);

/// Server-sent events. An ID is "RUN-NUMBER": a slotd that is started again counts from 1 anew, and
/// must not take another's number for its own.
class EventStreamText {
  public:
    /// `run` is another for each process.
    explicit EventStreamText(std::uint64_t run) : run_(run) {}

    /// The number to go on after; 0 (everything) when the ID is of another run. None when it is no
    /// ID.
    std::optional<std::uint64_t> read_id(std::string_view id) const;

    /// One message: its data is the object of events_json().
    std::string message(const sync::Event& event) const;

    /// Some events are gone before this client could get them: an event "missed".
    static std::string missed(std::uint64_t count);
    /// So that both sides notice a connection that is dead.
    static std::string_view heartbeat() { return ":\n\n"; }

  private:
    std::uint64_t run_;
};

}  // namespace slotd::admin
