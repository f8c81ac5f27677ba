// SPDX-License-Identifier: MIT
#include "../plan_text.hpp"
#include "commands.hpp"
#include "session.hpp"
#include "slotd/haproxy/dry_run.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/sync/driver.hpp"
#include "slotd/sync/once.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/record.hpp"
#include "slotd/sync/subscriptions.hpp"

#include <asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <random>
#include <vector>

namespace slotd::app {
namespace {

std::unique_ptr<haproxy::Runtime> make_runtime(const Options& options, Session& session,
                                               const net::SocketAddress& socket) {
    auto runtime = haproxy::socket_runtime(session.io.get_executor(), socket);
    if (!options.dry_run)
        return runtime;
    return haproxy::dry_run(std::move(runtime), [](const model::Step& step) {
        std::fputs(step_text(step).c_str(), stdout);
        std::fflush(stdout);
    });
}

int run_once(const Options& options, const Setup& setup, sync::Log& log) {
    if (options.dry_run)
        log.info("a dry run: nothing is sent");
    Session session(setup);
    int worst = 0;
    for (const net::SocketAddress& socket : setup.work.sockets) {
        const auto runtime = make_runtime(options, session, socket);
        const auto well = wait_for(session.io, sync::run_once(*runtime, *session.source, setup.work,
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

// HAProxy's slots stay as they are, so there is nothing to tidy, and tidying could wait: a look-up
// of a host name that hangs would be joined.
[[noreturn]] void leave_at_once(int code) {
    std::fflush(nullptr);
    std::_Exit(code);
}

}  // namespace

int run(const Options& options, Setup setup) {
    sync::Log log(options.log_level, options.log_format);
    setup.work.dry_run = options.dry_run;
    if (options.dry_run)
        setup.work.state_file.clear();
    if (options.once)
        return run_once(options, setup, log);

    Session session(setup);
    asio::signal_set signals(session.io, SIGINT, SIGTERM);
    signals.async_wait([&](const asio::error_code&, int number) {
        log.info(std::string(number == SIGINT ? "SIGINT" : "SIGTERM") +
                 ": slotd ends, every slot stays as it is");
        leave_at_once(0);
    });

    std::minstd_rand engine{std::random_device()()};
    const auto random = [&engine] {
        return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
    };
    sync::Record record;
    sync::Subscriptions subscriptions(session.io.get_executor(),
                                      sync::counted(session.source, record.metrics), random);
    sync::Pauses pauses(session.io.get_executor(), {});
    std::vector<std::unique_ptr<sync::Driver>> drivers;
    std::vector<net::Task> tasks;
    log.info("slotd " SLOTD_VERSION " follows Consul at " + setup.http.base +
             (options.dry_run ? "; a dry run: nothing is sent" : ""));
    for (const net::SocketAddress& socket : setup.work.sockets) {
        sync::DriverParts parts(session.io.get_executor(), &setup.work, &subscriptions, &pauses,
                                &log, &record, steady_clock(), random);
        drivers.push_back(std::make_unique<sync::Driver>(std::move(parts), socket.text(),
                                                         make_runtime(options, session, socket)));
        tasks.push_back(net::spawn(session.io.get_executor(), drivers.back()->run()));
    }
    try {
        session.io.run();
    } catch (const std::exception& error) {
        log.error(std::string("a bug in slotd ends it; every slot stays as it is: ") +
                  error.what());
    }
    leave_at_once(1);
}

}  // namespace slotd::app
