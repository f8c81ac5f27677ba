// SPDX-License-Identifier: MIT
#include "daemon.hpp"

#include "commands/session.hpp"
#include "file_setup.hpp"
#include "slotd/app/plan_text.hpp"
#include "slotd/haproxy/dry_run.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "state_dir.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace slotd::app {
namespace {

// A dry run changes nothing, and may run beside the slotd that does the work.
Setup adjusted(Setup setup, const Options& options) {
    setup.work.dry_run = options.dry_run;
    if (options.dry_run) {
        setup.work.state_file.clear();
        setup.admin = AdminSettings();
        setup.file.reset();
    }
    return setup;
}

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
      setup_(adjusted(std::move(setup), options_)),
      log_(log),
      pauses_(io.get_executor(), in_state_dir(setup_.admin.state_dir, "pauses")),
      source_(make_source()),
      subscriptions_(io.get_executor(), source_, [this] { return random(); }),
      server_(io.get_executor(),
              admin::Parts([this](sync::Detail detail) { return status(detail); }, &record_.metrics,
                           &record_.events, &pauses_, &log_, !setup_.admin.state_dir.empty())) {
    pauses_.on_change([this](const std::string& backend, bool by_itself) {
        say_pause(backend, by_itself);
        for (const Hand& hand : hands_) hand.driver->stir(backend);
    });
}

void Daemon::say_pause(const std::string& backend, bool by_itself) {
    sync::Event event;
    event.backend = backend == sync::Pauses::all ? "" : backend;
    event.text = changes_of(backend, by_itself, pauses_);
    log_.info(event.text);
    record_.events.add(std::move(event));
}

std::shared_ptr<catalog::Source> Daemon::make_source() const {
    report_token(setup_, log_);
    return sync::counted(catalog::consul_source(io_.get_executor(), setup_.http, setup_.scope),
                         record_.metrics);
}

model::Result<void> Daemon::start() {
    const auto usable = check_state_dir(setup_.admin.state_dir);
    if (!usable)
        return usable.error();
    const auto loaded = pauses_.load();
    if (!loaded)
        return loaded.error();
    const auto listening = server_.listen(setup_.admin.listen);
    if (!listening)
        return listening.error();
    log_.info("slotd " SLOTD_VERSION " follows Consul at " + setup_.http.base +
              (options_.dry_run ? "; a dry run: nothing is sent" : ""));
    for (const auto& [backend, pause] : pauses_.list()) say_pause(backend, false);
    match_hands();
    keep_file();
    return {};
}

// What can't be taken while slotd runs stays as it is.
void Daemon::take_admin(Setup& setup) {
    AdminSettings& settings = setup.admin;
    if (settings.state_dir != setup_.admin.state_dir) {
        log_.warn("[admin] state_dir: another folder is taken when slotd is started again");
        settings.state_dir = setup_.admin.state_dir;
    }
    // Without a folder so far there is no history that could be torn in two.
    if (setup.file && setup_.file)
        setup.file->folder = setup_.file->folder;
    else if (setup.file && !settings.state_dir.empty())
        setup.file->folder = folder_in(settings);
    const auto listening = server_.listen(settings.listen);
    if (listening)
        return;
    log_.error(to_string(listening.error()) + "; slotd listens where it did before");
    settings.listen = setup_.admin.listen;
}

void Daemon::take(Setup setup) {
    setup = adjusted(std::move(setup), options_);
    take_admin(setup);
    const bool same_consul = setup.http == setup_.http && setup.scope == setup_.scope;
    const bool same_catalog = setup.http.base == setup_.http.base && setup.scope == setup_.scope;
    const bool same_socket = setup.work.sockets == setup_.work.sockets;
    setup_ = std::move(setup);
    if (!same_consul) {
        log_.info("follows Consul at " + setup_.http.base + " from now on");
        source_ = make_source();
        subscriptions_.use(source_, same_catalog);
    }
    match_hands();
    for (const Hand& hand : hands_) hand.driver->take_settings();
    // What a reload of HAProxy is in the middle of is not cut off for nothing.
    if (!file_ || !same_consul || !same_socket || file_->settings() != setup_.file)
        keep_file();
}

void Daemon::keep_file() {
    if (file_ && !setup_.file)
        log_.info(file_->settings().output + " is no longer managed and stays as it is");
    file_.reset();
    if (setup_.file)
        file_ = std::make_unique<ManagedFile>(io_, setup_, source_, subscriptions_, pauses_, log_,
                                              record_.events, [this] { return random(); });
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
    for (const Hand& hand : hands_)
        if (hand.driver)
            log_.info(hand.driver->name() + " is let go, its slots stay as they are");
    hands_ = std::move(hands);
}

Daemon::Hand Daemon::make_hand(const net::SocketAddress& socket) {
    const sync::DriverParts parts(io_.get_executor(), &setup_.work, &subscriptions_, &pauses_,
                                  &log_, &record_, steady_clock(), [this] { return random(); });
    Hand hand;
    hand.driver =
        std::make_shared<sync::Driver>(parts, socket.text(), make_runtime(io_, options_, socket));
    hand.task = net::spawn(io_.get_executor(), hand.driver->run(), hand.driver);
    return hand;
}

sync::Status Daemon::status(sync::Detail detail) const {
    sync::Status status;
    status.version = SLOTD_VERSION;
    status.started = started_;
    status.now = std::chrono::system_clock::now();
    for (const Hand& hand : hands_) hand.driver->describe(status, detail);
    if (file_)
        status.file = file_->standing();
    return status;
}

}  // namespace slotd::app
