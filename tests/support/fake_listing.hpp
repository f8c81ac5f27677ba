// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/listing.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace slotd::testing {

/// A Consul of services and keys: what is set is answered at once, and again to a blocking query
/// when it is set anew. What was never set is not answered at all.
class FakeListing final : public catalog::Listing {
  public:
    template <typename T>
    using Answer = std::variant<T, model::Unknown>;

    explicit FakeListing(asio::any_io_executor executor)
        : changed_(std::move(executor), asio::steady_timer::time_point::max()) {}

    void set(Answer<catalog::ServiceTags> services) {
        services_.set(std::move(services));
        changed_.cancel();
    }
    void set_key(const std::string& key, Answer<std::string> value) {
        values_[key].set(std::move(value));
        changed_.cancel();
    }

    asio::awaitable<catalog::Listed<catalog::ServiceTags>> services(
        std::optional<std::uint64_t> index) override {
        ++asked;
        for (;;) {
            if (services_.answer && services_.index != index)
                co_return services_.listed();
            asio::error_code woken;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }

    asio::awaitable<catalog::Listed<std::string>> value(
        std::string key, std::optional<std::uint64_t> index) override {
        for (;;) {
            const auto found = values_.find(key);
            if (found != values_.end() && found->second.index != index)
                co_return found->second.listed();
            asio::error_code woken;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }

    std::size_t asked = 0;  ///< for the services

  private:
    template <typename T>
    struct Known {
        std::optional<Answer<T>> answer;
        std::uint64_t index = 0;

        void set(Answer<T> to) {
            answer = std::move(to);
            ++index;
        }
        catalog::Listed<T> listed() const {
            if (const auto* unknown = std::get_if<model::Unknown>(&*answer))
                return catalog::Listed<T>(*unknown);
            catalog::Listed<T> listed(std::get<T>(*answer));
            listed.index = index;
            return listed;
        }
    };

    Known<catalog::ServiceTags> services_;
    std::map<std::string, Known<std::string>> values_;
    asio::steady_timer changed_;
};

}  // namespace slotd::testing
