// SPDX-License-Identifier: MIT
#include "slotd/catalog/watch.hpp"

#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

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
constexpr milliseconds configuration_retry(30'000);
// A service that changes without end costs at most a request a second, after two at once.
constexpr int most_quick = 2;
constexpr milliseconds quick(1000);

/// Calls on with what is new.
class Teller {
  public:
    explicit Teller(OnAnswer on_answer) : on_answer_(std::move(on_answer)) {}

    void tell(model::Answer answer) {
        if (last_ && is_same(*last_, answer))
            return;
        last_ = std::move(answer);
        on_answer_(*last_);
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
    std::optional<model::Answer> last_;
};

/// Bounds how often a service is asked while its answers come at once.
class Pace {
  public:
    /// How long to wait before the next request; `began` is when the last one did.
    milliseconds next(Clock::time_point began, Clock::time_point now) {
        const auto took = std::chrono::duration_cast<milliseconds>(now - began);
        if (took >= quick) {
            in_a_row_ = 0;
            return milliseconds(0);
        }
        if (++in_a_row_ <= most_quick)
            return milliseconds(0);
        return quick - took;
    }

  private:
    int in_a_row_ = 0;
};

asio::awaitable<void> pause(milliseconds time) {
    if (time.count() == 0)
        co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> watch(std::shared_ptr<Source> source, Query query, OnAnswer on_answer,
                            model::Backoff::Random random) {
    Teller teller(std::move(on_answer));
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
            const milliseconds rest = pace.next(began, Clock::now());
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
        teller.tell(std::move(heard.answer));
        const milliseconds rest = pace.next(began, Clock::now());
        co_await pause(rest);
    }
}

}  // namespace slotd::catalog
