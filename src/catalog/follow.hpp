// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/watch.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/model/instance.hpp"

#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/this_coro.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
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

/// Of `asio::this_coro::cancellation_state`: an answer may come in the very turn of the loop in
/// which the watch is cancelled.
inline bool is_cancelled(const asio::cancellation_state& state) {
    return state.cancelled() != asio::cancellation_type::none;
}

/// "Consul's index went back from 9 to 5; it is asked anew".
model::Unknown index_went_back(std::uint64_t from, std::uint64_t to);

/// Calls on with what is new of an answer that is good or doubtful. Who is told shares the answer
/// with it: lists are long.
template <typename Good>
class Teller {
  public:
    using Answer = std::variant<Good, model::Unknown>;
    using OnAnswer = std::function<void(std::shared_ptr<const Answer>)>;

    explicit Teller(OnAnswer on_answer, OnFailure on_failure = {})
        : on_answer_(std::move(on_answer)), on_failure_(std::move(on_failure)) {}

    /// An outage's words may change from try to try; that it is one is said once.
    void tell(const model::Unknown& doubt) {
        if (on_failure_)
            on_failure_();
        if (doubt_ && doubt_->doubt == doubt.doubt)
            return;
        doubt_ = doubt;
        on_answer_(std::make_shared<const Answer>(doubt));
    }

    /// What Consul itself says has changed when its words have. True when it was new.
    bool tell_until_change(const model::Unknown& doubt) {
        if (doubt_ == doubt)
            return false;
        if (on_failure_)
            on_failure_();
        doubt_ = doubt;
        on_answer_(std::make_shared<const Answer>(doubt));
        return true;
    }

    /// True when it was new.
    bool tell(Good answer) {
        if (!doubt_ && good() && *good() == answer)
            return false;
        doubt_.reset();
        good_ = std::make_shared<const Answer>(std::move(answer));
        on_answer_(good_);
        return true;
    }

    /// The last one that was told; null: none.
    const Good* good() const { return good_ ? std::get_if<Good>(good_.get()) : nullptr; }

  private:
    OnAnswer on_answer_;
    OnFailure on_failure_;
    std::shared_ptr<const Answer> good_;
    std::optional<model::Unknown> doubt_;  ///< told since
};

template <typename Heard>
asio::awaitable<void> follow(
    std::function<asio::awaitable<Heard>(std::optional<std::uint64_t>)> ask,
    std::function<void(const decltype(Heard::answer)&)> on_answer, model::Backoff::Random random) {
    using model::Unknown;
    using Good = std::variant_alternative_t<0, decltype(Heard::answer)>;
    Teller<Good> teller([on_answer = std::move(on_answer)](const auto& told) { on_answer(*told); });
    Pace pace;
    model::Backoff backoff(first_retry, last_retry, std::move(random));
    std::optional<std::uint64_t> index;
    for (;;) {
        const auto began = FollowClock::now();
        Heard heard = co_await ask(index);
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (is_cancelled(cancellation))
            co_return;

        if (std::holds_alternative<Unknown>(heard.answer) && !heard.until_change) {
            index.reset();
            const auto retry = heard.configuration ? configuration_retry : backoff.next();
            teller.tell(std::get<Unknown>(heard.answer));
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
        const bool changed = heard.until_change
                                 ? teller.tell_until_change(std::get<Unknown>(heard.answer))
                                 : teller.tell(std::get<Good>(std::move(heard.answer)));
        const auto rest = pace.next(began, FollowClock::now(), changed);
        co_await pause(rest);
    }
}

}  // namespace slotd::catalog
