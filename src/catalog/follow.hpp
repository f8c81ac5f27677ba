// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/watch.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/model/instance.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

// Consul's rules of blocking queries, for whatever is asked: lists of instances, of services,
// values. `Heard` has answer (a variant with Unknown), index, ask_anew, until_change and
// configuration.

namespace slotd::catalog {

using FollowClock = std::chrono::steady_clock;

inline constexpr std::chrono::milliseconds first_retry(250);
inline constexpr std::chrono::milliseconds last_retry(10'000);
inline constexpr std::chrono::milliseconds configuration_retry(10'000);

/// Bounds how often Consul is asked while its answers come at once.
class Pace {
  public:
    /// How long to wait before the next request; `began` is when the last one did.
    std::chrono::milliseconds next(FollowClock::time_point began, FollowClock::time_point now,
                                   bool changed);

  private:
    int idle_ = 0;
    FollowClock::time_point full_until_{};
};

asio::awaitable<void> pause(std::chrono::milliseconds time);

/// An answer may come in the very turn of the loop in which the watch is cancelled.
asio::awaitable<bool> was_cancelled();

/// "Consul's index went back from 9 to 5; it is asked anew".
model::Unknown index_went_back(std::uint64_t from, std::uint64_t to);

/// Calls on with what is new.
template <typename Answer>
class Teller {
  public:
    using OnAnswer = std::function<void(const Answer&)>;

    Teller(OnAnswer on_answer, OnFailure on_failure)
        : on_answer_(std::move(on_answer)), on_failure_(std::move(on_failure)) {}

    /// True when it was new. `exact`: another text of the same doubt is new too.
    bool tell(Answer answer, bool exact = false) {
        if (on_failure_ && std::holds_alternative<model::Unknown>(answer))
            on_failure_();
        if (last_ && (exact ? *last_ == answer : is_same(*last_, answer)))
            return false;
        last_ = std::move(answer);
        on_answer_(*last_);
        return true;
    }

  private:
    // An outage's words may change from try to try; that it is one is said once.
    static bool is_same(const Answer& a, const Answer& b) {
        const auto* doubt = std::get_if<model::Unknown>(&a);
        const auto* other = std::get_if<model::Unknown>(&b);
        if (doubt && other)
            return doubt->doubt == other->doubt;
        return a == b;
    }

    OnAnswer on_answer_;
    OnFailure on_failure_;
    std::optional<Answer> last_;
};

template <typename Heard>
asio::awaitable<void> follow(
    std::function<asio::awaitable<Heard>(std::optional<std::uint64_t>)> ask,
    Teller<decltype(Heard::answer)> teller, model::Backoff::Random random) {
    Pace pace;
    model::Backoff backoff(first_retry, last_retry, std::move(random));
    std::optional<std::uint64_t> index;
    for (;;) {
        const auto began = FollowClock::now();
        Heard heard = co_await ask(index);
        if (co_await was_cancelled())
            co_return;

        if (std::holds_alternative<model::Unknown>(heard.answer) && !heard.until_change) {
            index.reset();
            const auto retry = heard.configuration ? configuration_retry : backoff.next();
            teller.tell(std::move(heard.answer));
            co_await pause(retry);
            continue;
        }
        if (heard.ask_anew) {
            index.reset();
            const auto rest = pace.next(began, FollowClock::now(), false);
            co_await pause(rest);
            continue;
        }
        if (!heard.until_change && index && heard.index && *heard.index < *index) {
            teller.tell(index_went_back(*index, *heard.index));
            index.reset();
            const auto retry = backoff.next();
            co_await pause(retry);
            continue;
        }
        index = heard.index;
        backoff.reset();
        const bool changed = teller.tell(std::move(heard.answer), heard.until_change);
        const auto rest = pace.next(began, FollowClock::now(), changed);
        co_await pause(rest);
    }
}

}  // namespace slotd::catalog
