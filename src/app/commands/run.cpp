// SPDX-License-Identifier: MIT
#include "../daemon.hpp"
#include "../journal.hpp"
#include "../memory.hpp"
#include "../notify.hpp"
#include "../state_dir.hpp"
#include "commands.hpp"
#include "session.hpp"
#include "slotd/sync/once.hpp"

#include <asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <unistd.h>

namespace slotd::app {
namespace {

int run_once(const Options& options, const Setup& setup, sync::Log& log) {
    if (options.dry_run)
        log.info("a dry run: nothing is sent");
    report_token(setup, log);
    Session session(setup);
    sync::Pauses pauses(session.io.get_executor(), in_state_dir(setup.admin.state_dir, "pauses"));
    const auto known = pauses.peek();
    if (!known) {
        log.error(to_string(known.error()));
        return exit_code(known.error());
    }
    int worst = 0;
    for (const net::SocketAddress& socket : setup.work.sockets) {
        const auto runtime = make_runtime(session.io, options, socket);
        const auto well =
            wait_for(session.io, sync::run_once(*runtime, *session.source, setup.work, pauses,
                                                steady_clock(), log, socket.text()));
        if (!well) {
            log.error(to_string(well.error()));
            worst = exit_code(well.error());
        } else if (!*well) {
            worst = 1;
        }
    }
    return worst;
}

// HAProxy's slots stay as they are, so there is nothing to tidy; a look-up of a host name may still
// run in a thread of its own.
[[noreturn]] void leave_at_once(int code) {
    code = checked_output(code);
    std::fflush(nullptr);
    std::_Exit(code);
}

std::string summary(const sync::Status& status) {
    std::size_t ready = 0;
    std::size_t held = 0;
    std::size_t paused = 0;
    for (const sync::BackendStatus& backend : status.backends) {
        ready += backend.count(sync::SlotState::ready);
        held += backend.held ? 1 : 0;
        paused += backend.paused ? 1 : 0;
    }
    std::string text = std::to_string(status.backends.size()) + " backends, " +
                       std::to_string(ready) + " slots ready";
    if (held > 0)
        text += ", " + std::to_string(held) + " held";
    if (paused > 0)
        text += ", " + std::to_string(paused) + " paused";
    for (const sync::HaproxyStatus& haproxy : status.haproxys)
        if (!haproxy.up)
            text += ", no HAProxy on " + haproxy.socket;
    return text;
}

/// What the signals do to a daemon.
class Signals {
  public:
    Signals(asio::io_context& io, const Options& options, Daemon& daemon, Notify& notify,
            sync::Log& log)
        : end_(io, SIGINT, SIGTERM),
          hangup_(io, SIGHUP),
          options_(options),
          daemon_(daemon),
          notify_(notify),
          log_(log) {
        end_.async_wait([this](const asio::error_code&, int number) {
            log_.info(std::string(number == SIGINT ? "SIGINT" : "SIGTERM") +
                      ": slotd ends, every slot stays as it is");
            notify_.stopping();
            daemon_.leave();
            leave_at_once(0);
        });
        wait_for_hangup();
    }

    void tell_ready() {
        notify_.ready([this] { return summary(daemon_.status(sync::Detail::counts)); });
    }

  private:
    void wait_for_hangup() {
        hangup_.async_wait([this](const asio::error_code&, int) {
            notify_.reloading();
            read_again();
            tell_ready();
            wait_for_hangup();
        });
    }

    void read_again() {
        SetupReading reading = make_setup(options_, process_environment());
        for (const model::Error& error : reading.errors) log_.error(to_string(error));
        if (!reading.errors.empty()) {
            log_.error("SIGHUP: the configuration is refused, the one that was read before stays");
            return;
        }
        log_.info("SIGHUP: the configuration is read again");
        warn(reading.setup, log_);
        daemon_.take(std::move(reading.setup));
    }

    asio::signal_set end_;
    asio::signal_set hangup_;
    const Options& options_;
    Daemon& daemon_;
    Notify& notify_;
    sync::Log& log_;
};

}  // namespace

int run(const Options& options, Setup setup) {
    keep_no_large_buffers();
    // Who reads the log may end: HAProxy is kept in step all the same. What a dry run prints is all
    // that it is for.
    if (!options.dry_run)
        std::signal(SIGPIPE, SIG_IGN);
    sync::Log log(options.log_level, options.log_format,
                  is_journal(process_environment(), STDERR_FILENO) ? sync::LogReader::journal
                                                                   : sync::LogReader::person);
    warn(setup, log);
    if (options.once) {
        setup.work.dry_run = options.dry_run;
        if (options.dry_run)
            setup.work.state_file.clear();
        return run_once(options, setup, log);
    }
    asio::io_context io{1};
    Daemon daemon(io, options, std::move(setup), log);
    Notify notify(io, process_environment());
    Signals signals(io, options, daemon, notify, log);
    const auto started = daemon.start();
    if (!started) {
        print(started.error());
        return exit_code(started.error());
    }
    signals.tell_ready();
    give_back_start();
    try {
        io.run();
    } catch (const std::exception& error) {
        log.error(std::string("a bug in slotd ends it; every slot stays as it is: ") +
                  error.what());
    }
    daemon.leave();
    leave_at_once(1);
}

}  // namespace slotd::app
