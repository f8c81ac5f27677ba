// SPDX-License-Identifier: MIT
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <memory>

namespace slotd::net {

/// A coroutine that runs on its own. Destroying the Task cancels it: what it waits for ends with
/// operation_aborted, which is normal and silent. The coroutine's frame outlives the Task until the
/// loop has turned, and for as long as it waits for what can't be ended early; so what it uses it
/// holds by value or shared_ptr, or it belongs to the `owner` that it was started with.
class Task {
  public:
    Task() = default;
    Task(Task&&) noexcept;
    Task& operator=(Task&&) noexcept;
    ~Task();

    bool done() const;

  private:
    friend Task spawn(asio::any_io_executor, asio::awaitable<void>, std::shared_ptr<void>);
    struct State;
    std::shared_ptr<State> state_;
};

/// The one place that starts a coroutine. An exception that escapes from `body` (other than
/// operation_aborted after a cancellation) leaves io_context::run(): it is a bug and ends the
/// daemon, never passes unseen. `owner`, whose member `body` may be, is held until the frame of
/// `body` is gone, and no longer; when it holds the Task itself, nobody but the loop's end cancels.
[[nodiscard]] Task spawn(asio::any_io_executor executor, asio::awaitable<void> body,
                         std::shared_ptr<void> owner = {});

}  // namespace slotd::net
