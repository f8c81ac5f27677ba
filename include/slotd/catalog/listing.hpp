// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/query.hpp"
#include "slotd/model/backoff.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/net/http.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace slotd::catalog {

/// By name, with all tags that any instance has. As Consul sent them: any bytes.
using ServiceTags = std::map<std::string, std::vector<std::string>>;

/// What one GET gave; as a Heard, of something else than a list of instances.
template <typename T>
struct Listed {
    std::variant<T, model::Unknown> answer;
    std::optional<std::uint64_t> index;
    bool ask_anew = false;
    bool until_change = false;
    bool configuration = false;

    explicit Listed(T list) : answer(std::move(list)) {}
    explicit Listed(model::Unknown unknown) : answer(std::move(unknown)) {}
};

/// What the managed file asks of Consul, or what plays it in a test.
class Listing {
  public:
    virtual ~Listing() = default;
    /// All services of the catalog. Consul leaves out what the token may not read.
    virtual asio::awaitable<Listed<ServiceTags>> services(std::optional<std::uint64_t> index) = 0;
    /// A KV key's value, any bytes. A key that is not there is Unknown.
    virtual asio::awaitable<Listed<std::string>> value(std::string key,
                                                       std::optional<std::uint64_t> index) = 0;
};

std::unique_ptr<Listing> consul_listing(asio::any_io_executor executor, net::HttpOptions options,
                                        Scope scope);

template <typename T>
using OnListed = std::function<void(const std::variant<T, model::Unknown>&)>;

/// As watch(), by the same rules.
asio::awaitable<void> watch_services(std::shared_ptr<Listing> listing,
                                     OnListed<ServiceTags> on_answer,
                                     model::Backoff::Random random);
asio::awaitable<void> watch_value(std::shared_ptr<Listing> listing, std::string key,
                                  OnListed<std::string> on_answer, model::Backoff::Random random);

}  // namespace slotd::catalog
