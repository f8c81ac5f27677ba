// SPDX-License-Identifier: MIT
// Runs an io_context as far as a test wants, with a deadline on each wait.
#pragma once

#include "slotd/net/spawn.hpp"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace slotd::testing {

using std::chrono::milliseconds;

/// Longer than any wait of a test that passes, on a loaded machine too.
constexpr milliseconds patience(20'000);

/// Runs until `done`; throws when the loop runs out of work or of time before.
inline void run_until(asio::io_context& io, const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + patience;
    io.restart();
    while (!done())
        if (io.run_one_until(end) == 0)
            throw std::runtime_error("what a test waited for never came");
}

/// Runs until a timer of the loop's own is due: what was due before has happened then, however slow
/// the machine is.
inline void run_for(asio::io_context& io, milliseconds time) {
    bool due = false;
    asio::steady_timer timer(io, time);
    timer.async_wait([&due](const asio::error_code&) { due = true; });
    run_until(io, [&due] { return due; });
}

/// Runs until nothing is left to do, as when a daemon ends.
inline void run_out(asio::io_context& io) {
    io.restart();
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!io.stopped())
        if (io.run_one_until(end) == 0 && !io.stopped())
            throw std::runtime_error("the loop still has work");
}

template <typename T>
asio::awaitable<void> store(asio::awaitable<T> from, std::shared_ptr<std::optional<T>> to) {
    T value = co_await std::move(from);
    to->emplace(std::move(value));
}

/// What a coroutine returns.
template <typename T>
T result_of(asio::io_context& io, asio::awaitable<T> body) {
    const auto result = std::make_shared<std::optional<T>>();
    const net::Task task = net::spawn(io.get_executor(), store(std::move(body), result));
    run_until(io, [&] { return result->has_value(); });
    return std::move(**result);
}

}  // namespace slotd::testing
