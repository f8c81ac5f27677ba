// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/model/error.hpp"
#include "slotd/net/spawn.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/log.hpp"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace slotd::app {

/// The one thread's loop, with Consul on it.
struct Session {
    asio::io_context io{1};
    std::shared_ptr<catalog::Source> source;

    explicit Session(const Setup& setup);
};

/// What becomes of the token's file goes to the log from now on.
void report_token(const Setup& setup, sync::Log& log);

/// What every start says.
void warn(const Setup& setup, sync::Log& log);

sync::Clock steady_clock();

/// On standard error, "slotd: where: what (hint)".
void print(const model::Error& error);
void print_warning(const model::Error& warning);

/// The exit code of a command that has printed all that it had to: what could not be written (a
/// full disk, say) is no answer, and no plan, and this says so.
int checked_output(int code);

/// The one place that turns an error into an exit code.
int exit_code(const model::Error& error);
/// Of several the worst: what only a person mends.
int exit_code(const std::vector<model::Error>& errors);

namespace detail {

template <typename T>
asio::awaitable<void> keep(asio::awaitable<T> work, std::optional<T>* to) {
    T made = co_await std::move(work);
    *to = std::move(made);
}

}  // namespace detail

/// Runs the loop until `work` is done.
template <typename T>
T wait_for(asio::io_context& io, asio::awaitable<T> work) {
    std::optional<T> made;
    const net::Task task = net::spawn(io.get_executor(), detail::keep(std::move(work), &made));
    io.restart();
    while (!made) io.run_one();
    return *std::move(made);
}

}  // namespace slotd::app
