// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/record.hpp"
#include "slotd/sync/settings.hpp"
#include "slotd/sync/status.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <memory>
#include <string>

namespace slotd::sync {

/// What a driver uses; all of it outlives the driver.
struct DriverParts {
    asio::any_io_executor executor;
    const Settings* settings;
    Subscriptions* subscriptions;
    const Pauses* pauses;
    Log* log;
    Record* record;
    Clock clock;
    model::Backoff::Random random;

    DriverParts(asio::any_io_executor executor_, const Settings* settings_,
                Subscriptions* subscriptions_, const Pauses* pauses_, Log* log_, Record* record_,
                Clock clock_, model::Backoff::Random random_);
};

/// Keeps one HAProxy in step: a round when Consul's answer changed, when HAProxy was reloaded or
/// changed by someone else, when a drain ends, and again, with backoff, when something did not come
/// out as planned.
class Driver {
  public:
    /// `name` is the socket as the operator wrote it.
    Driver(DriverParts parts, std::string name, std::unique_ptr<haproxy::Runtime> runtime);
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    /// Runs until it is cancelled; the driver must outlive it.
    asio::awaitable<void> run();

    const std::string& name() const;
    /// The settings that it was given have changed in place.
    void take_settings();
    /// Looks at this backend (`Pauses::all`: at all) again: its pause began or ended.
    void stir(const std::string& backend);
    /// Adds what it holds.
    void describe(Status& to, Detail detail = Detail::slots) const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace slotd::sync
