// SPDX-License-Identifier: MIT
#include "slotd/sync/subscriptions.hpp"

#include "slotd/catalog/watch.hpp"
#include "slotd/net/spawn.hpp"

#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/this_coro.hpp>

#include <algorithm>
#include <variant>
#include <vector>

namespace slotd::sync {

struct Subscriptions::Shared {
    std::shared_ptr<catalog::Source> source;
    catalog::Query query;
    asio::any_io_executor executor;

    std::shared_ptr<const model::Answer> latest;
    std::shared_ptr<const model::Answer> believed;  ///< the last list
    std::shared_ptr<const model::Answer> confirmed;
    unsigned failures = 0;
    unsigned outages = 0;
    std::vector<Subscription*> subscribers;
    net::Task watch;
    net::Task confirmation;

    Shared(std::shared_ptr<catalog::Source> source_, catalog::Query query_,
           asio::any_io_executor executor_)
        : source(std::move(source_)), query(std::move(query_)), executor(std::move(executor_)) {}

    void heard(std::shared_ptr<const model::Answer> answer) {
        latest = std::move(answer);
        if (std::holds_alternative<model::Instances>(*latest))
            believed = latest;
        tell();
    }

    void failed() {
        const bool first = !latest || std::holds_alternative<model::Instances>(*latest);
        failures = first ? 1 : failures + 1;
        outages += first ? 1 : 0;
    }

    // A subscriber only takes note; it does not subscribe or leave from within the call.
    void tell() {
        for (Subscription* subscriber : subscribers) subscriber->on_change_();
    }

    void coming() {
        for (Subscription* subscriber : subscribers)
            if (subscriber->on_coming_)
                subscriber->on_coming_();
    }

    // The watch may outlive its Task by a turn of the loop.
    static catalog::OnComing coming_of(const std::weak_ptr<Shared>& weak) {
        return [weak] {
            if (const auto alive = weak.lock())
                alive->coming();
        };
    }

    static asio::awaitable<void> confirm(std::weak_ptr<Shared> weak,
                                         std::shared_ptr<catalog::Source> source,
                                         catalog::Query query) {
        catalog::OnComing on_coming = coming_of(weak);
        const catalog::Heard heard =
            co_await source->ask(query, std::nullopt, std::move(on_coming));
        // It may come in the very turn of the loop in which another Consul takes this one's place.
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        const std::shared_ptr<Shared> alive = weak.lock();
        if (!alive || cancellation.cancelled() != asio::cancellation_type::none)
            co_return;
        if (alive->latest && is_same_list(heard.answer, *alive->latest))
            alive->confirmed = alive->latest;
        alive->tell();
    }

    // What the token may read the watch has asked before it told the list.
    static bool is_same_list(const model::Answer& a, const model::Answer& b) {
        const auto* one = std::get_if<model::Instances>(&a);
        const auto* other = std::get_if<model::Instances>(&b);
        return one && other && one->list == other->list && one->refused == other->refused;
    }
};

Subscriptions::Subscriptions(asio::any_io_executor executor,
                             std::shared_ptr<catalog::Source> source, model::Backoff::Random random)
    : executor_(std::move(executor)), source_(std::move(source)), random_(std::move(random)) {}

std::unique_ptr<Subscriptions::Subscription> Subscriptions::subscribe(const catalog::Query& query,
                                                                      OnChange on_change,
                                                                      OnComing on_coming) {
    std::erase_if(shared_, [](const auto& entry) { return entry.second.expired(); });
    std::shared_ptr<Shared> shared = shared_[query].lock();
    if (!shared) {
        shared = std::make_shared<Shared>(source_, query, executor_);
        shared_[query] = shared;
        follow(shared);
    }
    return std::unique_ptr<Subscription>(
        new Subscription(std::move(shared), std::move(on_change), std::move(on_coming)));
}

void Subscriptions::follow(const std::shared_ptr<Shared>& shared) {
    // The watch may outlive its Task by a turn of the loop.
    catalog::OnAnswer on_answer =
        [weak = std::weak_ptr<Shared>(shared)](std::shared_ptr<const model::Answer> answer) {
            if (const auto alive = weak.lock())
                alive->heard(std::move(answer));
        };
    catalog::OnFailure on_failure = [weak = std::weak_ptr<Shared>(shared)] {
        if (const auto alive = weak.lock())
            alive->failed();
    };
    shared->watch =
        net::spawn(executor_, catalog::watch(shared->source, shared->query, std::move(on_answer),
                                             random_, std::move(on_failure),
                                             Shared::coming_of(shared), shared->believed));
}

void Subscriptions::use(std::shared_ptr<catalog::Source> source, bool same_catalog) {
    source_ = std::move(source);
    for (auto& [query, weak] : shared_) {
        const std::shared_ptr<Shared> shared = weak.lock();
        if (!shared)
            continue;
        shared->source = source_;
        shared->confirmation = net::Task();
        shared->confirmed.reset();
        if (!same_catalog)
            shared->believed.reset();
        ++shared->outages;
        follow(shared);
    }
}

Subscriptions::Subscription::Subscription(std::shared_ptr<Shared> shared, OnChange on_change,
                                          OnComing on_coming)
    : shared_(std::move(shared)),
      on_change_(std::move(on_change)),
      on_coming_(std::move(on_coming)) {
    shared_->subscribers.push_back(this);
}

Subscriptions::Subscription::~Subscription() {
    std::erase(shared_->subscribers, this);
}

std::shared_ptr<const model::Answer> Subscriptions::Subscription::latest() const {
    return shared_->latest;
}

unsigned Subscriptions::Subscription::failures() const {
    return shared_->failures;
}

unsigned Subscriptions::Subscription::outages() const {
    return shared_->outages;
}

void Subscriptions::Subscription::confirm() {
    if (!shared_->confirmation.done())
        return;
    shared_->confirmation =
        net::spawn(shared_->executor, Shared::confirm(shared_, shared_->source, shared_->query));
}

std::shared_ptr<const model::Answer> Subscriptions::Subscription::confirmed() const {
    return shared_->confirmed;
}

}  // namespace slotd::sync
