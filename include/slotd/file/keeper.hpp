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
#include "slotd/sync/log.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

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
    sync::Clock clock;
    Publisher::WallClock wall_clock;
    model::Backoff::Random random;

    KeeperParts(asio::any_io_executor executor_, Settings settings_)
        : executor(std::move(executor_)), settings(std::move(settings_)) {}
};

/// How the managed file stands.
struct Standing {
    std::string path;
    std::size_t backends = 0;               ///< in the set, those that linger too
    std::size_t lingering = 0;              ///< of services that Consul no longer has
    unsigned version = 0;                   ///< in place; 0: none
    std::optional<unsigned> pinned;         ///< the version, since a rollback
    bool edited = false;                    ///< somebody else wrote the file: it is left alone
    std::optional<model::WallTime> placed;  ///< when slotd last put a version in place
    std::string error;  ///< what went wrong when slotd last tried to put one there; or empty
    std::string doubt;  ///< what is not known (Consul, a key, the template); or empty

    Standing() = default;
    bool operator==(const Standing&) const = default;
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

    const Standing& standing() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace slotd::file
