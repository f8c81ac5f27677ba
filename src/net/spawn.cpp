// SPDX-License-Identifier: MIT
#include "slotd/net/spawn.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/system_error.hpp>

#include <exception>
#include <utility>

namespace slotd::net {

struct Task::State {
    asio::cancellation_signal signal;
    bool cancelled = false;
    bool done = false;

    void cancel() {
        cancelled = true;
        if (!done)
            signal.emit(asio::cancellation_type::terminal);
    }

    void ended(std::exception_ptr escaped) {
        done = true;
        if (!escaped)
            return;
        try {
            std::rethrow_exception(escaped);
        } catch (const asio::system_error& error) {
            if (!cancelled || error.code() != asio::error::operation_aborted)
                throw;
        }
    }
};

Task::Task(Task&&) noexcept = default;

Task& Task::operator=(Task&& other) noexcept {
    if (this != &other) {
        if (state_)
            state_->cancel();
        state_ = std::move(other.state_);
    }
    return *this;
}

Task::~Task() {
    if (state_)
        state_->cancel();
}

bool Task::done() const {
    return !state_ || state_->done;
}

Task spawn(asio::any_io_executor executor, asio::awaitable<void> body,
           std::shared_ptr<void> owner) {
    Task task;
    task.state_ = std::make_shared<Task::State>();
    // A handler that throws makes io_context::run() throw; `detached` would swallow what escaped.
    // asio destroys it after the frame of `body`, at the coroutine's end as at the loop's.
    auto on_end = [state = task.state_, owner = std::move(owner)](std::exception_ptr escaped) {
        state->ended(escaped);
    };
    asio::co_spawn(executor, std::move(body),
                   asio::bind_cancellation_slot(task.state_->signal.slot(), std::move(on_end)));
    return task;
}

}  // namespace slotd::net
