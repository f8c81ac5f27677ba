// SPDX-License-Identifier: MIT
#pragma once

#include "report.hpp"
#include "slotd/catalog/listing.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/file/backends.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/net/spawn.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace slotd::file {

/// What Consul said last, followed: its services, the instances of those that were chosen, and KV
/// keys. What it can't tell is reported once and changes nothing.
class Known {
  public:
    /// `on_change` is called after each change, from the loop.
    Known(asio::any_io_executor executor, const Settings& settings,
          std::shared_ptr<catalog::Listing> listing, sync::Subscriptions& subscriptions,
          Report& report, model::Backoff::Random random, std::function<void()> on_change);
    ~Known();
    Known(const Known&) = delete;
    Known& operator=(const Known&) = delete;

    void follow_services();
    /// Follows the instances of these services and no others.
    void follow_instances(const Selection& selection);
    /// Follows the lines of these KV names and no others.
    void follow_lines(const std::set<std::string>& names);

    /// Of the last good answer; null until there was one, and while Consul is doubted.
    const ServiceTags* services() const;
    /// The meta of the followed services whose instances are known.
    std::map<std::string, Meta> meta(const Backends& before) const;
    /// None until the lines of all followed names are known.
    std::optional<std::map<std::string, std::string>> lines() const;

    /// Why the file can't be known to be up to date; empty: it is.
    std::string doubt() const;

  private:
    struct Heard;

    asio::any_io_executor executor_;
    const Settings& settings_;
    std::shared_ptr<catalog::Listing> listing_;
    sync::Subscriptions& subscriptions_;
    model::Backoff::Random random_;
    std::shared_ptr<Heard> heard_;  ///< which a watch may outlive by a turn of the loop
    net::Task services_watch_;
    std::map<std::string, std::unique_ptr<sync::Subscriptions::Subscription>> instances_;
    std::map<std::string, net::Task> line_watches_;
};

}  // namespace slotd::file
