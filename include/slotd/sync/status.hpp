// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::sync {

/// What slotd holds at one moment, as values for those who show it. All texts are printable.
/// Everything in here is made when somebody asks.

enum class SlotState {
    ready,     ///< takes traffic
    draining,  ///< finishes what it has
    out,       ///< in maint, and an instance's: critical, in maintenance, or not yet let in
    free,      ///< in maint, and nobody's
};

/// "ready", "draining", "out", "free".
std::string_view to_string(SlotState state);

/// How many slots do what, by SlotState.
using SlotCounts = std::array<std::size_t, 4>;

/// What of a status is wanted: to describe each slot costs far more than to count them.
enum class Detail { counts, slots };

struct SlotStatus {
    std::string name;
    SlotState state = SlotState::free;
    std::string address;  ///< empty: none
    std::uint16_t port = 0;
    unsigned weight = 0;
    std::string instance;  ///< Consul's ID of it; empty when nobody's, or when it is listed no more
    std::string node;
    /// Since when HAProxy has it in this state (what resets this differs by version).
    std::optional<model::WallTime> since;

    SlotStatus() = default;
};

struct HoldStatus {
    std::string reason;  ///< one of the fixed set: "consul-unreachable", ...
    std::string detail;  ///< says what to do
    model::WallTime since;

    HoldStatus(std::string reason_, std::string detail_, model::WallTime since_)
        : reason(std::move(reason_)), detail(std::move(detail_)), since(since_) {}
};

struct RefusedStatus {
    std::string instance;  ///< printable label
    std::string why;

    RefusedStatus(std::string instance_, std::string why_)
        : instance(std::move(instance_)), why(std::move(why_)) {}
};

/// The slots of one backend of one HAProxy that follow the same list. A backend whose slots follow
/// different ones has several.
struct BackendStatus {
    std::string name;
    std::string socket;
    std::string service;  ///< what it follows, as the log calls it; empty: `kv`
    std::string kv;       ///< the KV key, likewise
    bool filled = false;  ///< a round brought it in step at least once
    bool paused = false;
    std::optional<model::WallTime> paused_until;  ///< none: until somebody resumes it
    std::optional<HoldStatus> held;
    std::vector<SlotStatus> slots;
    std::optional<SlotCounts> counts;  ///< instead of `slots`, where no more was wanted
    std::size_t serving = 0;           ///< instances that take traffic
    std::vector<std::string> waiting;  ///< instances that found no free slot
    std::vector<RefusedStatus> refused;
    std::optional<model::WallTime> last_change;
    std::optional<model::WallTime> last_success;  ///< when it was last seen in step
    std::string last_error;                       ///< empty: the last round came out as planned
    std::vector<std::string> would;  ///< commands, as text, that a pause keeps from being sent

    BackendStatus() = default;
    std::size_t count(SlotState state) const;
};

struct HaproxyStatus {
    std::string socket;
    bool up = false;
    std::string error;    ///< why it is not up
    std::string version;  ///< empty: never seen
    std::int64_t pid = 0;

    HaproxyStatus() = default;
};

/// The file that slotd manages.
struct FileStatus {
    std::string path;
    std::size_t backends = 0;               ///< in the set, those that linger too
    std::size_t lingering = 0;              ///< of services that Consul no longer has
    unsigned version = 0;                   ///< in place; 0: none
    std::optional<unsigned> pinned;         ///< the version, since a rollback
    bool edited = false;                    ///< somebody else wrote the file: it is left alone
    std::optional<model::WallTime> placed;  ///< when slotd last put a version in place
    std::string error;  ///< what went wrong when slotd last tried to put one there; or empty
    std::string doubt;  ///< what is not known (Consul, a key, the template); or empty

    FileStatus() = default;
};

struct Status {
    std::string version;
    model::WallTime started;
    model::WallTime now;  ///< when this was looked at
    std::vector<HaproxyStatus> haproxys;
    std::vector<BackendStatus> backends;
    std::optional<FileStatus> file;  ///< none: slotd manages no file

    Status() = default;
};

/// Why slotd has not yet brought every backend in step, a line each; empty when it once did: each
/// HAProxy was read, each backend was filled.
std::vector<std::string> reasons_not_ready(const Status& status);

}  // namespace slotd::sync
