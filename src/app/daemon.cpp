// SPDX-License-Identifier: MIT
#include "daemon.hpp"

#include "commands/session.hpp"
#include "plan_text.hpp"
#include "slotd/haproxy/dry_run.hpp"
#include "slotd/haproxy/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace slotd::app {
namespace {

std::string changes_of(const std::string& backend, bool by_itself, const sync::Pauses& pauses) {
    const std::string whose = backend == sync::Pauses::all ? "all backends are " : backend + " is ";
    const auto pause = pauses.list().find(backend);
    if (pause == pauses.list().end())
        return whose + (by_itself ? "no longer paused: its time is over" : "no longer paused");
    return whose + "paused" +
           (pause->second.until ? " until " + model::utc_text(*pause->second.until)
                                : ", until somebody resumes it") +
           ": what changes is watched and not sent";
}

}  // namespace

std::unique_ptr<haproxy::Runtime> make_runtime(asio::io_context& io, const Options& options,
                                               const net::SocketAddress& socket) {
    auto runtime = haproxy::socket_runtime(io.get_executor(), socket);
    if (!options.dry_run)
        return runtime;
    return haproxy::dry_run(std::move(runtime), [](const model::Step& step) {
        std::fputs(step_text(step).c_str(), stdout);
        std::fflush(stdout);
    });
}

Daemon::Daemon(asio::io_context& io, Options options, Setup setup, sync::Log& log)
    : io_(io),
      options_(std::move(options)),
      setup_(std::move(setup)),
      log_(log),
      pauses_(io.get_executor(), {}),
      subscriptions_(io.get_executor(), make_source(),
                     [this] { return std::uniform_real_distribution<double>(0, 1)(random_); }),
      burial_(io) {
    adjust(setup_);
    pauses_.on_change([this](const std::string& backend, bool by_itself) {
        log_.info(changes_of(backend, by_itself, pauses_));
        for (const Hand& hand : hands_) hand.driver->stir(backend);
    });
}

void Daemon::adjust(Setup& setup) const {
    setup.work.dry_run = options_.dry_run;
    if (options_.dry_run)
        setup.work.state_file.clear();
}

std::shared_ptr<catalog::Source> Daemon::make_source() const {
    report_token(setup_, log_);
    return sync::counted(catalog::consul_source(io_.get_executor(), setup_.http, setup_.scope),
                         record_.metrics);
}

model::Result<void> Daemon::start() {
    const auto loaded = pauses_.load();
    if (!loaded)
        return loaded.error();
    log_.info("slotd " SLOTD_VERSION " follows Consul at " + setup_.http.base +
              (options_.dry_run ? "; a dry run: nothing is sent" : ""));
    for (const auto& [backend, pause] : pauses_.list())
        log_.info(changes_of(backend, false, pauses_));
    match_hands();
    return {};
}

void Daemon::take(Setup setup) {
    adjust(setup);
    const bool same_consul = setup.http == setup_.http && setup.scope == setup_.scope;
    setup_ = std::move(setup);
    if (!same_consul) {
        log_.info("follows Consul at " + setup_.http.base + " from now on");
        subscriptions_.use(make_source());
    }
    match_hands();
    for (const Hand& hand : hands_) hand.driver->take_settings();
}

// A hand for each socket of the setup, and no other.
void Daemon::match_hands() {
    std::vector<Hand> hands;
    for (const net::SocketAddress& socket : setup_.work.sockets) {
        const auto old = std::find_if(hands_.begin(), hands_.end(), [&](const Hand& hand) {
            return hand.driver && hand.driver->name() == socket.text();
        });
        hands.push_back(old == hands_.end() ? make_hand(socket) : std::move(*old));
    }
    for (Hand& hand : hands_) {
        if (!hand.driver)
            continue;
        log_.info(hand.driver->name() + " is let go, its slots stay as they are");
        hand.task = net::Task();
        leaving_.push_back(std::move(hand));
    }
    hands_ = std::move(hands);
    if (!leaving_.empty())
        bury();
}

Daemon::Hand Daemon::make_hand(const net::SocketAddress& socket) {
    const sync::DriverParts parts(
        io_.get_executor(), &setup_.work, &subscriptions_, &pauses_, &log_, &record_,
        steady_clock(), [this] { return std::uniform_real_distribution<double>(0, 1)(random_); });
    Hand hand;
    hand.driver =
        std::make_unique<sync::Driver>(parts, socket.text(), make_runtime(io_, options_, socket));
    hand.task = net::spawn(io_.get_executor(), hand.driver->run());
    return hand;
}

void Daemon::bury() {
    burial_.expires_after(std::chrono::seconds(1));
    burial_.async_wait([this](const asio::error_code& error) {
        if (!error)
            leaving_.clear();
    });
}

sync::Status Daemon::status() const {
    sync::Status status;
    status.version = SLOTD_VERSION;
    status.started = started_;
    for (const Hand& hand : hands_) hand.driver->describe(status);
    return status;
}

}  // namespace slotd::app
