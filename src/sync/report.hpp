// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/instance.hpp"
#include "slotd/sync/events.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/remark.hpp"
#include "slotd/sync/repeats.hpp"
#include "slotd/sync/round.hpp"
#include "slotd/sync/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace slotd::sync {

/// What a plan came to.
struct Told {
    bool well = true;       ///< every step took effect, or can't in this backend
    bool any = false;       ///< at least one step did
    bool repeated = false;  ///< at least one is planned again
    std::string failure;    ///< what went wrong first; empty: nothing

    Told() = default;
};

/// Writes what happens to one HAProxy's slots: a line per change, a line per kind of failure. A
/// line that would only repeat what was said last about a backend is left out.
class Report {
  public:
    /// `socket` is put before each text when there are several. What is said from level info is an
    /// event too, where there are `events`.
    Report(Log& log, std::string socket, const Settings& settings, Events* events = nullptr);

    /// What `desk`'s plan came to: `again` is the plan made after reading back. A step that is in
    /// it again did not take effect, whatever HAProxy answered.
    Told changes(const Desk& desk, const std::vector<Done>& done, const Desk& again,
                 model::Time now);
    void waiting(const std::string& backend, const std::vector<model::InstanceId>& now,
                 std::vector<model::InstanceId>& before);

    /// What a pause keeps back; not empty.
    void withheld(const std::string& backend, const std::vector<std::string>& commands);
    void held(const GroupKey& key, const model::Unknown& why);
    void remark(const std::string& backend, const Remark& remark);

    void line(LogLevel level, const std::string& backend, const std::string& text,
              std::vector<LogField> fields = {});
    void error(LogLevel level, const model::Error& error);

    /// A backend came out as planned.
    void well(const std::string& backend, model::Time now);
    /// A backend is gone: should it come back, its failures are new.
    void forget(const std::string& backend) { failures_.erase(backend); }

  private:
    /// Returns what went wrong first.
    std::string failures(const std::string& backend, const std::vector<const Done*>& failed,
                         model::Time now);

    Log& log_;
    Events* events_;
    std::string socket_;
    const Settings& settings_;
    std::map<std::string, Repeats> failures_;  ///< of a backend's commands
};

}  // namespace slotd::sync
