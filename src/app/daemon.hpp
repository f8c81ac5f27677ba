// SPDX-License-Identifier: MIT
#pragma once

#include "managed_file.hpp"
#include "slotd/admin/server.hpp"
#include "slotd/app/options.hpp"
#include "slotd/app/setup.hpp"
#include "slotd/net/spawn.hpp"
#include "slotd/sync/driver.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/record.hpp"
#include "slotd/sync/status.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/io_context.hpp>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace slotd::app {

/// What `slotd run` keeps running: a watch per query, a driver per HAProxy, the managed file where
/// there is one, and what they share.
class Daemon {
  public:
    Daemon(asio::io_context& io, Options options, Setup setup, sync::Log& log);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Begins; the work is done while the loop runs. An error when what must outlive slotd can't be
    /// read, or when it can't listen where it shall.
    model::Result<void> start();
    /// Goes on by another setup; what did not change in it goes on undisturbed.
    void take(Setup setup);
    /// Before the process ends: nobody finds it any more.
    void leave() { server_.close(); }

    sync::Status status(sync::Detail detail) const;

  private:
    /// One HAProxy.
    struct Hand {
        std::shared_ptr<sync::Driver> driver;
        net::Task task;
    };

    void take_admin(Setup& setup);
    void say_pause(const std::string& backend, bool by_itself);
    std::shared_ptr<catalog::Source> make_source() const;
    double random() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    void match_hands();
    Hand make_hand(const net::SocketAddress& socket);
    void keep_file();

    asio::io_context& io_;
    Options options_;
    Setup setup_;
    sync::Log& log_;
    std::minstd_rand random_{std::random_device()()};
    mutable sync::Record record_;
    sync::Pauses pauses_;
    std::shared_ptr<catalog::Source> source_;
    sync::Subscriptions subscriptions_;
    admin::Server server_;
    std::vector<Hand> hands_;
    std::unique_ptr<ManagedFile> file_;  ///< null: none is managed
    model::WallTime started_ = std::chrono::system_clock::now();
};

/// HAProxy behind `socket`; in a dry run one that prints what is sent.
std::unique_ptr<haproxy::Runtime> make_runtime(asio::io_context& io, const Options& options,
                                               const net::SocketAddress& socket);

}  // namespace slotd::app
