// SPDX-License-Identifier: MIT
#include "slotd/catalog/watch.hpp"

#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace slotd::catalog {
namespace {

using model::Doubt;
using model::Unknown;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds first_retry(250);
constexpr milliseconds last_retry(10'000);
constexpr milliseconds configuration_retry(10'000);
// Answers that come at once and tell nothing new (a hidden instance changed) cost at most a request
// a second, after two; those that do are worth more, up to ten a second when it never ends.
constexpr int most_idle_wakes = 2;
constexpr milliseconds idle_wake_pace(1000);
constexpr int most_changes_at_once = 10;
constexpr milliseconds change_pace(100);
// Consul would compete with the round that a change begins; what changes meanwhile the index tells.
constexpr milliseconds after_change(5);

/// Calls on with what is new.
class Teller {
  public:
    Teller(OnAnswer on_answer, OnFailure on_failure)
        : on_answer_(std::move(on_answer)), on_failure_(std::move(on_failure)) {}

    /// True when it was new.
    bool tell(model::Answer answer) {
        if (on_failure_ && std::holds_alternative<Unknown>(answer))
            on_failure_();
        if (last_ && is_same(*last_, answer))
            return false;
        last_ = std::move(answer);
        on_answer_(*last_);
        return true;
    }

  private:
    // An outage's words may change from try to try; that it is one is said once.
    static bool is_same(const model::Answer& a, const model::Answer& b) {
        const auto* doubt = std::get_if<Unknown>(&a);
        const auto* other = std::get_if<Unknown>(&b);
        if (doubt && other)
            return doubt->doubt == other->doubt;
        return a == b;
    }

    OnAnswer on_answer_;
    OnFailure on_failure_;
    std::optional<model::Answer> last_;
};

/// Bounds how often a service is asked while its answers come at once.
class Pace {
  public:
    /// How long to wait before the next request; `began` is when the last one did.
    milliseconds next(Clock::time_point began, Clock::time_point now, bool changed) {
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

  private:
    int idle_ = 0;
    Clock::time_point full_until_{};
};

asio::awaitable<void> pause(milliseconds time) {
    if (time.count() == 0)
        co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> watch(std::shared_ptr<Source> source, Query query, OnAnswer on_answer,
                            model::Backoff::Random random, OnFailure on_failure) {
    Teller teller(std::move(on_answer), std::move(on_failure));
    Pace pace;
    model::Backoff backoff(first_retry, last_retry, std::move(random));
    std::optional<std::uint64_t> index;
    for (;;) {
        const auto began = Clock::now();
        Heard heard = co_await source->ask(query, index);
        // An answer may come in the very turn of the loop in which the watch is cancelled.
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            co_return;

        if (std::holds_alternative<Unknown>(heard.answer)) {
            index.reset();
            const milliseconds retry = heard.configuration ? configuration_retry : backoff.next();
            teller.tell(std::move(heard.answer));
            co_await pause(retry);
            continue;
        }
        if (heard.ask_anew) {
            index.reset();
            const milliseconds rest = pace.next(began, Clock::now(), false);
            co_await pause(rest);
            continue;
        }
        if (index && heard.index && *heard.index < *index) {
            teller.tell(Unknown(Doubt::index_reset,
                                "Consul's index went back from " + std::to_string(*index) + " to " +
                                    std::to_string(*heard.index) + "; it is asked anew"));
            index.reset();
            co_await pause(backoff.next());
            continue;
        }
        index = heard.index;
        backoff.reset();
        const bool changed = teller.tell(std::move(heard.answer));
        const milliseconds rest = pace.next(began, Clock::now(), changed);
        co_await pause(rest);
    }
}

}  // namespace slotd::catalog
