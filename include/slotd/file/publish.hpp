// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/file/control.hpp"
#include "slotd/file/history.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/file/stamp.hpp"
#include "slotd/model/result.hpp"
#include "slotd/model/time.hpp"
#include "slotd/sync/log.hpp"

#include <asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace slotd::file {

class Job;

enum class Came {
    unchanged,    ///< the file is what it is to be
    placed,       ///< HAProxy runs with it
    unproven,     ///< it is in place, and no HAProxy runs that could load it
    refused,      ///< HAProxy's check does not take it: the file stays as it was
    rolled_back,  ///< HAProxy did not come up with it: the file is the one before again
    failed,  ///< HAProxy did not come up with it, and there is none before, or not with that either
    edited,  ///< somebody else wrote the file; it is kept in the history and stays
    pinned,  ///< a version is pinned: the file stays
    left,    ///< what a killed slotd began is not finished while slotd is paused
    paused,  ///< slotd was paused before it came to that: the file stays as it was
};

struct Outcome {
    Came came;
    unsigned version = 0;  ///< the new one; of `edited` the kept one, of `pinned` the pinned one
    /// Of refused, rolled_back and failed what HAProxy says, also of edited when HAProxy did not
    /// come up with a version before; of left what is to be done.
    std::optional<model::Error> error;

    Outcome(Came came_, unsigned version_) : came(came_), version(version_) {}
    Outcome(Came came_, unsigned version_, model::Error error_)
        : came(came_), version(version_), error(std::move(error_)) {}
};

/// For a person. `path` is the file's, `cause` why it was to be changed (empty: not known).
std::string to_string(const Outcome& outcome, const std::string& path, const std::string& cause);

/// What is to be the file.
struct Wanted {
    std::string text;
    std::string why;     ///< printable: "web came"
    bool force = false;  ///< also over a file that somebody else wrote
    bool unpin = false;  ///< also over a pinned version, which ends the pin

    Wanted(std::string text_, std::string why_) : text(std::move(text_)), why(std::move(why_)) {}
};

/// The managed file and its index as a publisher found or left them: when they are others, somebody
/// else changed them.
struct Seen {
    Stamp output;
    Stamp index;

    static Seen now(const Settings& settings);
    bool operator==(const Seen&) const = default;
};

/// Puts versions of the managed file in place: written beside it, checked by HAProxy, kept in the
/// history, renamed over, loaded, and rolled back when HAProxy does not come up. Killed at any step
/// it leaves a whole file, and the next one, on whatever call, finishes what it began. Everything
/// it knows is on disk, so that a command and the daemon agree.
class Publisher {
  public:
    using WallClock = std::function<model::WallTime()>;
    using IsPaused = std::function<bool()>;

    /// All of it outlives the publisher; `log` is told each step, for those who debug. While
    /// `is_paused` says so, no file is replaced and HAProxy is not touched, but for the way back
    /// from a version that it did not come up with.
    Publisher(
        const Settings& settings, Control& control, sync::Log& log, WallClock clock,
        IsPaused is_paused = [] { return false; })
        : settings_(settings),
          control_(control),
          log_(log),
          clock_(std::move(clock)),
          is_paused_(std::move(is_paused)) {}

    /// An error when a file could not be read or written, or another slotd has the lock.
    asio::awaitable<model::Result<Outcome>> publish(Wanted wanted);

    /// Puts a version back and pins it; none: the newest good one that is not in place.
    asio::awaitable<model::Result<Outcome>> roll_back(std::optional<unsigned> number);

    /// Looks after the file while there is nothing new: finishes what a killed slotd began, or says
    /// that it is left, grades the version in place good once HAProxy is up, keeps an edit.
    asio::awaitable<model::Result<Outcome>> look();

    /// As the last of these calls read or wrote them, not as they became while HAProxy reloaded.
    const Seen& seen() const { return seen_; }

    /// HAProxy's check of a text beside the file, and nothing else.
    asio::awaitable<model::Result<void>> check(std::string text);

  private:
    using Work = std::function<asio::awaitable<model::Result<Outcome>>(Job&)>;

    /// Also finishes what a killed slotd began; when there was something, that is all.
    asio::awaitable<model::Result<Outcome>> under_lock(Work work);

    const Settings& settings_;
    Control& control_;
    sync::Log& log_;
    WallClock clock_;
    IsPaused is_paused_;
    Seen seen_;
};

}  // namespace slotd::file
