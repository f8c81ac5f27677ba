// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/listing.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/file/control.hpp"
#include "slotd/file/publish.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/model/time.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/events.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/status.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace slotd::file {

/// What a keeper uses; what it points to outlives it.
struct KeeperParts {
    asio::any_io_executor executor;
    Settings settings;
    std::shared_ptr<catalog::Listing> listing;
    std::shared_ptr<catalog::Source> source;
    sync::Subscriptions* subscriptions;
    std::unique_ptr<Control> control;
    sync::Log* log;
    sync::Events* events = nullptr;  ///< null: nobody asks for them
    sync::Clock clock;
    Publisher::WallClock wall_clock;
    model::Backoff::Random random;
    /// While it says so nothing is put in place, and HAProxy is not touched.
    std::function<bool()> is_paused = [] { return false; };

    KeeperParts(asio::any_io_executor executor_, Settings settings_)
        : executor(std::move(executor_)), settings(std::move(settings_)) {}
};

/// Keeps the managed file: follows Consul's services, the template and the KV keys that it copies,
/// and puts a new version in place when, and only when, they make another text.
class Keeper {
  public:
    explicit Keeper(KeeperParts parts);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    /// Runs until it is cancelled; the keeper must outlive it.
    asio::awaitable<void> run();

    /// How the file stands.
    const sync::FileStatus& standing() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace slotd::file
