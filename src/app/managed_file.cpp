// SPDX-License-Identifier: MIT
#include "managed_file.hpp"

#include "commands/session.hpp"
#include "slotd/catalog/listing.hpp"
#include "slotd/file/control.hpp"
#include "slotd/haproxy/runtime.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace slotd::app {

ManagedFile::ManagedFile(asio::io_context& io, const Setup& setup,
                         std::shared_ptr<catalog::Source> source,
                         sync::Subscriptions& subscriptions, const sync::Pauses& pauses,
                         sync::Log& log, sync::Events& events, model::Backoff::Random random) {
    kept_->settings = *setup.file;
    const asio::any_io_executor executor = io.get_executor();
    file::KeeperParts parts(executor, kept_->settings);
    parts.listing = catalog::consul_listing(executor, setup.http, setup.scope);
    parts.source = std::move(source);
    parts.subscriptions = &subscriptions;
    parts.control = file::haproxy_control(
        kept_->settings, haproxy::socket_runtime(executor, setup.work.sockets.front()));
    parts.log = &log;
    parts.events = &events;
    parts.clock = steady_clock();
    parts.wall_clock = [] { return std::chrono::system_clock::now(); };
    parts.random = std::move(random);
    parts.is_paused = [&pauses] { return pauses.list().contains(std::string(sync::Pauses::all)); };
    kept_->keeper = std::make_unique<file::Keeper>(std::move(parts));
    task_ = net::spawn(executor, kept_->keeper->run(), kept_);
}

}  // namespace slotd::app
