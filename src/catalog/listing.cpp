// SPDX-License-Identifier: MIT
#include "slotd/catalog/listing.hpp"

#include "follow.hpp"
#include "judge.hpp"
#include "slotd/catalog/services.hpp"
#include "slotd/model/text.hpp"

#include <utility>

namespace slotd::catalog {
namespace {

using model::Doubt;
using model::Unknown;

constexpr std::string_view services_need = "service:read for the services that get a backend";

class ConsulListing final : public Listing {
  public:
    ConsulListing(asio::any_io_executor executor, net::HttpOptions options, Scope scope)
        : client_(std::move(executor), std::move(options)), scope_(std::move(scope)) {}

    asio::awaitable<Listed<ServiceTags>> services(std::optional<std::uint64_t> index) override {
        net::HttpRequest request(services_target(scope_, index),
                                 longest_answer(index.has_value(), scope_.wait));
        const auto response = co_await client_.get(std::move(request));
        if (auto none =
                no_answer<Listed<ServiceTags>>(response, false, index.has_value(), services_need))
            co_return *std::move(none);
        auto services = parse_services(response->body);
        if (!services)
            co_return Listed<ServiceTags>(Unknown(Doubt::unreadable_answer, services.error().what));
        Listed<ServiceTags> listed(*std::move(services));
        listed.index = index_of(*response);
        listed.ask_anew = !knows_leader(*response);
        co_return listed;
    }

    asio::awaitable<Listed<std::string>> value(std::string key,
                                               std::optional<std::uint64_t> index) override {
        const std::string needs = "key:read for the key " + model::printable(key);
        net::HttpRequest request(value_target(key, scope_, index),
                                 longest_answer(index.has_value(), scope_.wait));
        const auto response = co_await client_.get(std::move(request));
        const bool is_missing = response && says_missing_key(*response);
        if (auto none =
                no_answer<Listed<std::string>>(response, is_missing, index.has_value(), needs))
            co_return *std::move(none);
        Listed<std::string> listed = is_missing ? missing() : Listed<std::string>(response->body);
        listed.index = index_of(*response);
        listed.ask_anew = !knows_leader(*response);
        co_return listed;
    }

  private:
    static Listed<std::string> missing() {
        Listed<std::string> listed(Unknown(Doubt::consul_error, "the key does not exist"));
        listed.until_change = true;
        return listed;
    }

    net::HttpClient client_;
    Scope scope_;
};

}  // namespace

std::unique_ptr<Listing> consul_listing(asio::any_io_executor executor, net::HttpOptions options,
                                        Scope scope) {
    return std::make_unique<ConsulListing>(std::move(executor), std::move(options),
                                           std::move(scope));
}

asio::awaitable<void> watch_services(std::shared_ptr<Listing> listing,
                                     OnListed<ServiceTags> on_answer,
                                     model::Backoff::Random random) {
    return follow<Listed<ServiceTags>>(
        [listing](std::optional<std::uint64_t> index) { return listing->services(index); },
        std::move(on_answer), std::move(random));
}

asio::awaitable<void> watch_value(std::shared_ptr<Listing> listing, std::string key,
                                  OnListed<std::string> on_answer, model::Backoff::Random random) {
    return follow<Listed<std::string>>(
        [listing, key](std::optional<std::uint64_t> index) { return listing->value(key, index); },
        std::move(on_answer), std::move(random));
}

}  // namespace slotd::catalog
