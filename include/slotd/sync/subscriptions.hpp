// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/query.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/model/instance.hpp"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace slotd::sync {

/// Shares one watch between all who follow the same query, on whatever HAProxy.
class Subscriptions {
  public:
    /// Called after each change of what is known; `latest` is then the new answer.
    using OnChange = std::function<void()>;
    /// Called when an answer has begun to arrive: `OnChange` may follow in a moment.
    using OnComing = std::function<void()>;
    class Subscription;

    Subscriptions(asio::any_io_executor executor, std::shared_ptr<catalog::Source> source,
                  model::Backoff::Random random);
    Subscriptions(const Subscriptions&) = delete;
    Subscriptions& operator=(const Subscriptions&) = delete;

    /// Follows `query` until the returned value is destroyed; the last one ends the watch. Outlived
    /// by Subscriptions.
    std::unique_ptr<Subscription> subscribe(const catalog::Query& query, OnChange on_change,
                                            OnComing on_coming = {});

    /// From now on asks `source`, for what is followed already too. What it lacks is confirmed like
    /// after an outage: it may be another Consul. In the `same_catalog`, what it lacks and may not
    /// read is not gone.
    void use(std::shared_ptr<catalog::Source> source, bool same_catalog);

  private:
    struct Shared;
    void follow(const std::shared_ptr<Shared>& shared);

    asio::any_io_executor executor_;
    std::shared_ptr<catalog::Source> source_;
    model::Backoff::Random random_;
    std::map<catalog::Query, std::weak_ptr<Shared>> shared_;
};

class Subscriptions::Subscription {
  public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    /// Null until Consul was heard for the first time.
    std::shared_ptr<const model::Answer> latest() const;

    /// How many requests in a row gave nothing to trust, before `latest` if that is a list.
    unsigned failures() const;
    /// How many times it went from answers to failures.
    unsigned outages() const;

    /// Asks Consul once more, without an index. `OnChange` follows; when Consul agreed, `confirmed`
    /// is then `latest`.
    void confirm();
    std::shared_ptr<const model::Answer> confirmed() const;

  private:
    friend class Subscriptions;
    Subscription(std::shared_ptr<Shared> shared, OnChange on_change, OnComing on_coming);

    std::shared_ptr<Shared> shared_;
    OnChange on_change_;
    OnComing on_coming_;
};

}  // namespace slotd::sync
