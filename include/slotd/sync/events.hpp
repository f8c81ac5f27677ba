// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"
#include "slotd/sync/log.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace slotd::sync {

/// One thing that happened: what the log says of a HAProxy, a backend, a slot or the managed file,
/// from level info.
struct Event {
    std::uint64_t number = 0;  ///< counts up from 1
    model::WallTime time;
    LogLevel level = LogLevel::info;
    std::string socket;
    std::string backend;   ///< empty: of HAProxy as a whole
    std::string slot;      ///< empty: of the backend as a whole
    std::string instance;  ///< printable label; empty: of none
    std::string file;      ///< path of the managed file; empty: not of that
    unsigned version = 0;  ///< of that file; 0: of none
    std::string text;      ///< one line

    Event() = default;
};

/// The last events.
class Events {
  public:
    explicit Events(std::size_t keep = 256) : keep_(keep) {}
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// Gives it its number and time, and tells the listeners.
    void add(Event event);

    /// At most `most`, the latest of those with a number above `after`; oldest first.
    std::vector<Event> since(std::uint64_t after, std::size_t most) const;
    /// The number of the latest; 0: none yet.
    std::uint64_t last() const { return last_; }

    /// Called after each event while the value lives. Outlived by Events.
    class Listener;
    Listener listen(std::function<void()> on_event);

  private:
    using Listeners = std::list<std::function<void()>>;

    std::size_t keep_;
    std::uint64_t last_ = 0;
    std::deque<Event> events_;
    Listeners listeners_;
};

class Events::Listener {
  public:
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    friend class Events;
    Listener(Events& events, Listeners::iterator at) : events_(events), at_(at) {}

    Events& events_;
    Listeners::iterator at_;
};

}  // namespace slotd::sync
