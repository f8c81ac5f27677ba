// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/file/control.hpp"
#include "slotd/file/history.hpp"
#include "slotd/file/publish.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/file/stamp.hpp"
#include "slotd/sync/file.hpp"
#include "slotd/sync/log.hpp"

#include <asio/awaitable.hpp>

#include <optional>
#include <string>

namespace slotd::file {

/// One piece of work on the file and its history, under the lock.
class Job {
  public:
    /// What it refers to outlives it.
    Job(const Settings& settings, Control& control, sync::Log& log, model::WallTime now,
        History history, const Publisher::IsPaused& is_paused);

    /// Reads the file, and finishes what a killed slotd began, or leaves it while slotd is paused;
    /// an Outcome when there was something to finish.
    asio::awaitable<model::Result<std::optional<Outcome>>> begin();

    const History& history() const { return history_; }
    const Index& index() const { return history_.index(); }
    model::Result<void> save(Index index) { return history_.save(std::move(index)); }

    /// The file is this text.
    bool is_file(const std::string& text) const { return is_there_ && text == text_; }
    /// The hash of the file; empty when there is none.
    const std::string& hash() const { return hash_; }
    /// Of the file as it was read or written last.
    const Stamp& stamp() const { return stamp_; }
    /// The file is neither the version in place, nor one that was on its way there.
    bool is_edited() const;
    /// Keeps what somebody else wrote, once, and returns its version.
    model::Result<unsigned> keep_edit();

    /// Makes the file, as it is, the version in place, without loading it. With `pin` it is then
    /// pinned.
    model::Result<unsigned> take_as_it_is(std::string why, bool pin);
    /// Checks the text, puts it in the file's place and has it loaded, or goes back to the version
    /// in place. With `pin` it is then pinned.
    asio::awaitable<model::Result<Outcome>> put(std::string text, std::string why, bool pin);

  private:
    void say(const std::string& step);
    model::Result<void> read_file();
    model::Result<void> replace(sync::Replacement replacement);
    model::Result<unsigned> keep_refused(const std::string& text, std::string why,
                                         const model::Error& error);
    model::Result<unsigned> give_way(unsigned number, std::optional<unsigned> placed);
    asio::awaitable<model::Result<Outcome>> load(unsigned number);
    asio::awaitable<model::Result<Outcome>> restore(unsigned failed, model::Error why);

    const Settings& settings_;
    Control& control_;
    sync::Log& log_;
    model::WallTime now_;
    History history_;
    const Publisher::IsPaused& is_paused_;
    bool is_there_ = false;
    std::string text_;  ///< of the file
    std::string hash_;
    Stamp stamp_;
};

}  // namespace slotd::file
