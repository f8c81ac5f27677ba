// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"
#include "slotd/model/time.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::sync {

/// Which backends slotd watches without changing them, on every HAProxy. Kept in a file, so that a
/// slotd that is started again keeps its hands off; a line is `BACKEND UNTIL`, where `*` is all
/// backends and `-` no end.
class Pauses {
  public:
    static constexpr std::string_view all = "*";

    /// An empty path keeps nothing over a restart.
    Pauses(asio::any_io_executor executor, std::string path);
    Pauses(const Pauses&) = delete;
    Pauses& operator=(const Pauses&) = delete;

    /// Reads the file; none is none paused. An error names the line, and nothing is paused then.
    model::Result<void> load();
    /// The same for a look at what another slotd keeps: never writes the file.
    model::Result<void> peek();

    /// Pauses `backend` (or `all`) until a time, or until it is resumed; again changes the end. An
    /// error when it could not be kept: nothing changed then.
    model::Result<void> pause(const std::string& backend, std::optional<model::WallTime> until);
    /// Resumes `backend`, or everything for `all`. An error when it was not paused, or all are.
    model::Result<void> resume(const std::string& backend);

    struct Pause {
        std::optional<model::WallTime> until;  ///< none: until somebody resumes it

        explicit Pause(std::optional<model::WallTime> until_) : until(until_) {}
        bool operator==(const Pause&) const = default;
    };
    /// Of this backend, or of all.
    std::optional<Pause> of(const std::string& backend) const;
    const std::map<std::string, Pause>& list() const { return pauses_; }

    /// Called with the name (or `all`) after each pause that begins, changes or ends; true as the
    /// second when it ended by itself.
    void on_change(std::function<void(const std::string&, bool)> listener) {
        on_change_ = std::move(listener);
    }

  private:
    using List = std::map<std::string, Pause>;

    model::Result<void> take(List pauses, const std::string& changed);
    model::Result<void> keep(const List& pauses) const;
    void wait_for_end();
    void end_due();

    std::string path_;
    asio::steady_timer timer_;
    List pauses_;
    std::function<void(const std::string&, bool)> on_change_ = [](const std::string&, bool) {};
};

}  // namespace slotd::sync
