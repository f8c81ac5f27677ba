// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/file/keeper.hpp"
#include "slotd/net/spawn.hpp"
#include "slotd/sync/events.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/status.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/io_context.hpp>

#include <memory>

namespace slotd::app {

/// The file of one setup, being kept.
class ManagedFile {
  public:
    /// `setup` has a managed file; what is given by reference outlives this.
    ManagedFile(asio::io_context& io, const Setup& setup, std::shared_ptr<catalog::Source> source,
                sync::Subscriptions& subscriptions, const sync::Pauses& pauses, sync::Log& log,
                sync::Events& events, model::Backoff::Random random);
    ManagedFile(const ManagedFile&) = delete;
    ManagedFile& operator=(const ManagedFile&) = delete;

    /// No longer; the loop has to turn before this may go. A reload that has begun is finished by
    /// the next who keeps the file.
    void stop() { task_ = net::Task(); }

    const file::Settings& settings() const { return settings_; }
    const sync::FileStatus& standing() const { return keeper_->standing(); }

  private:
    file::Settings settings_;
    std::unique_ptr<file::Keeper> keeper_;
    net::Task task_;
};

}  // namespace slotd::app
