// SPDX-License-Identifier: MIT
#include "slotd/catalog/watch.hpp"

#include "follow.hpp"
#include "slotd/catalog/sight.hpp"

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace slotd::catalog {
namespace {

using model::Doubt;
using model::Unknown;
using std::chrono::milliseconds;
using Clock = FollowClock;

/// What the answer itself gives to doubt, and to ask anew for; `asked` is the index of the
/// question.
std::optional<Unknown> doubt_in(const Heard& heard, std::optional<std::uint64_t> asked) {
    if (heard.until_change)
        return std::nullopt;
    if (const auto* unknown = std::get_if<Unknown>(&heard.answer))
        return *unknown;
    if (asked && heard.index && *heard.index < *asked && !heard.ask_anew)
        return index_went_back(*asked, *heard.index);
    return std::nullopt;
}

}  // namespace

asio::awaitable<void> watch(std::shared_ptr<Source> source, Query query, OnAnswer on_answer,
                            model::Backoff::Random random, OnFailure on_failure, OnComing on_coming,
                            std::shared_ptr<const model::Answer> before) {
    Teller<model::Instances> teller(std::move(on_answer), std::move(on_failure));
    Sight sight(*source, query);
    Pace pace;
    model::Backoff backoff(first_retry, last_retry, std::move(random));
    std::optional<std::uint64_t> index;
    for (;;) {
        const auto began = Clock::now();
        Heard heard = co_await source->ask(query, index, on_coming);
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (is_cancelled(cancellation))
            co_return;

        std::optional<Unknown> doubt = doubt_in(heard, index);
        const bool is_list = !doubt && !heard.ask_anew && !heard.until_change;
        if (is_list && !source->has_no_acls()) {
            auto& list = std::get<model::Instances>(heard.answer);
            const auto* known =
                teller.good() || !before ? teller.good() : std::get_if<model::Instances>(&*before);
            doubt = co_await sight.why_doubt(list, known);
            const auto cancelled_since = co_await asio::this_coro::cancellation_state;
            if (is_cancelled(cancelled_since))
                co_return;
            heard.configuration = doubt && doubt->doubt == Doubt::acl;
        }
        if (doubt) {
            index.reset();
            sight.forget();
            const milliseconds retry = heard.configuration ? configuration_retry : backoff.next();
            teller.tell(*doubt);
            co_await pause(retry);
            continue;
        }
        if (heard.ask_anew) {
            index.reset();
            const milliseconds rest = pace.next(began, Clock::now(), false);
            co_await pause(rest);
            continue;
        }
        index = heard.index;
        backoff.reset();
        const bool changed = heard.until_change
                                 ? teller.tell_until_change(std::get<Unknown>(heard.answer))
                                 : teller.tell(std::get<model::Instances>(std::move(heard.answer)));
        const milliseconds rest = pace.next(began, Clock::now(), changed);
        co_await pause(rest);
    }
}

}  // namespace slotd::catalog
