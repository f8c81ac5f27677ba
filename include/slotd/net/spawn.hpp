// SPDX-License-Identifier: MIT
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <memory>

namespace slotd::net {

/// A coroutine that runs on its own. Destroying the Task cancels it: what it waits for ends with
/// operation_aborted, which is normal and silent. The coroutine's frame may outlive the Task by one
/// turn of the loop, so it holds what it uses by value or shared_ptr, and touches nothing of its
/// owner after a wait that was cancelled.
class Task {
  public:
    Task() = default;
    Task(Task&&) noexcept;
    Task& operator=(Task&&) noexcept;
    ~Task();

    bool done() const;

  private:
    friend Task spawn(asio::any_io_executor, asio::awaitable<void>);
    struct State;
    std::shared_ptr<State> state_;
};

/// The one place that starts a coroutine. An exception that escapes from `body` (other than
/// operation_aborted after a cancellation) leaves io_context::run(): it is a bug and ends the
/// daemon, never passes unseen.
[[nodiscard]] Task spawn(asio::any_io_executor executor, asio::awaitable<void> body);

}  // namespace slotd::net
