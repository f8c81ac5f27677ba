// SPDX-License-Identifier: MIT
#include "slotd/sync/subscriptions.hpp"

#include "slotd/catalog/watch.hpp"
#include "slotd/net/spawn.hpp"

#include <algorithm>
#include <vector>

namespace slotd::sync {

struct Subscriptions::Shared {
    std::shared_ptr<const model::Answer> latest;
    std::vector<Subscription*> subscribers;
    net::Task watch;

    void heard(const model::Answer& answer) {
        latest = std::make_shared<const model::Answer>(answer);
        // A subscriber only takes note; it does not subscribe or leave from within the call.
        for (Subscription* subscriber : subscribers) subscriber->on_change_();
    }
};

Subscriptions::Subscriptions(asio::any_io_executor executor,
                             std::shared_ptr<catalog::Source> source, model::Backoff::Random random)
    : executor_(std::move(executor)), source_(std::move(source)), random_(std::move(random)) {}

Subscriptions::~Subscriptions() = default;

std::unique_ptr<Subscriptions::Subscription> Subscriptions::subscribe(const catalog::Query& query,
                                                                      OnChange on_change) {
    std::erase_if(shared_, [](const auto& entry) { return entry.second.expired(); });
    std::shared_ptr<Shared> shared = shared_[query].lock();
    if (!shared) {
        shared = std::make_shared<Shared>();
        shared_[query] = shared;
        // The watch may outlive its Task by a turn of the loop.
        catalog::OnAnswer on_answer =
            [weak = std::weak_ptr<Shared>(shared)](const model::Answer& answer) {
                if (const auto alive = weak.lock())
                    alive->heard(answer);
            };
        shared->watch =
            net::spawn(executor_, catalog::watch(source_, query, std::move(on_answer), random_));
    }
    return std::unique_ptr<Subscription>(new Subscription(std::move(shared), std::move(on_change)));
}

Subscriptions::Subscription::Subscription(std::shared_ptr<Shared> shared, OnChange on_change)
    : shared_(std::move(shared)), on_change_(std::move(on_change)) {
    shared_->subscribers.push_back(this);
}

Subscriptions::Subscription::~Subscription() {
    std::erase(shared_->subscribers, this);
}

std::shared_ptr<const model::Answer> Subscriptions::Subscription::latest() const {
    return shared_->latest;
}

}  // namespace slotd::sync
