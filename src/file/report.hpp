// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/file/publish.hpp"
#include "slotd/model/error.hpp"
#include "slotd/model/result.hpp"
#include "slotd/sync/events.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/repeats.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace slotd::file {

/// Writes to the log, and as events, what happens to the managed file, each thing once.
class Report {
  public:
    /// `events` may be null; both outlive it.
    Report(sync::Log& log, sync::Events* events, std::string path)
        : log_(log), events_(events), path_(std::move(path)) {}

    void info(const std::string& text);
    void warn(const std::string& text);
    /// What is wrong with `about`; empty: nothing any more, and the next is news again.
    void wrong(const std::string& about, const std::string& text);
    /// All that is to be remarked about `about` now; those that were said before are left out.
    void remarks(const std::string& about, const std::vector<model::Error>& now);
    /// `cause`: why it was tried; empty when slotd only looked.
    void outcome(const model::Result<Outcome>& outcome, const std::string& cause, model::Time now);

  private:
    void write(sync::LogLevel level, const std::string& text, unsigned version = 0);
    /// Another process put a version in place.
    bool is_news(const Outcome& outcome, const std::string& cause);

    sync::Log& log_;
    sync::Events* events_;
    std::string path_;
    std::map<std::string, std::set<std::string>> said_;
    std::string last_outcome_;
    unsigned in_place_ = 0;  ///< the version; 0: not known
    sync::Repeats failures_;
};

}  // namespace slotd::file
