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

/// The file of one setup, being kept. A reload that has begun when this goes is finished by the
/// next who keeps the file.
class ManagedFile {
  public:
    /// `setup` has a managed file; what is given by reference outlives this.
    ManagedFile(asio::io_context& io, const Setup& setup, std::shared_ptr<catalog::Source> source,
                sync::Subscriptions& subscriptions, const sync::Pauses& pauses, sync::Log& log,
                sync::Events& events, model::Backoff::Random random);
    ManagedFile(const ManagedFile&) = delete;
    ManagedFile& operator=(const ManagedFile&) = delete;

    const file::Settings& settings() const { return kept_->settings; }
    const sync::FileStatus& standing() const { return kept_->keeper->standing(); }

  private:
    /// What the task uses.
    struct Kept {
        file::Settings settings;
        std::unique_ptr<file::Keeper> keeper;
    };

    std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
    net::Task task_;
};

}  // namespace slotd::app
