// SPDX-License-Identifier: MIT
#include "follow.hpp"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>

namespace slotd::catalog {
namespace {

using std::chrono::milliseconds;

// Answers that come at once and tell nothing new (a hidden instance changed) cost at most a request
// a second, after two; those that do are worth more, up to ten a second when it never ends.
constexpr int most_idle_wakes = 2;
constexpr milliseconds idle_wake_pace(1000);
constexpr int most_changes_at_once = 10;
constexpr milliseconds change_pace(100);
// Consul would compete with the round that a change begins; what changes meanwhile the index tells.
constexpr milliseconds after_change(5);

}  // namespace

milliseconds Pace::next(FollowClock::time_point began, FollowClock::time_point now, bool changed) {
    const auto took = std::chrono::duration_cast<milliseconds>(now - began);
    if (!changed) {
        idle_ = took < idle_wake_pace ? idle_ + 1 : 0;
        return idle_ > most_idle_wakes ? idle_wake_pace - took : milliseconds(0);
    }
    idle_ = 0;
    // A bucket of changes that leaks one each `change_pace`.
    full_until_ = std::max(full_until_, now - most_changes_at_once * change_pace) + change_pace;
    return std::max(std::chrono::duration_cast<milliseconds>(full_until_ - now), after_change);
}

asio::awaitable<void> pause(milliseconds time) {
    if (time.count() == 0)
        co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

model::Unknown index_went_back(std::uint64_t from, std::uint64_t to) {
    return model::Unknown(model::Doubt::index_reset, "Consul's index went back from " +
                                                         std::to_string(from) + " to " +
                                                         std::to_string(to) + "; it is asked anew");
}

}  // namespace slotd::catalog
