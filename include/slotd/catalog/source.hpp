// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/query.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/net/http.hpp"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slotd::catalog {

/// What one GET gave.
struct Heard {
    model::Answer answer;
    std::optional<std::uint64_t> index;  ///< only of a 200; 0 counts as none
    /// Says that no leader is known, which is no news: a streaming answer (Consul 1.10 and later, a
    /// query with an index) always does. Only a query without an index tells the truth.
    bool ask_anew = false;
    bool configuration = false;  ///< the error is in what was asked (4xx, filter, datacenter): no
                                 ///< use in quick retries

    explicit Heard(model::Answer answer_) : answer(std::move(answer_)) {}
};

/// Whether the token may see what it asks for. `cannot_tell`: this Consul does not answer that at
/// all; `failed`: it did not answer just now.
enum class Readable { yes, no, cannot_tell, failed };

/// What to say of a Readable::no.
inline constexpr std::string_view not_readable =
    "the token may not read the service or all of its nodes; it needs service:read and node:read";

/// Consul, or what plays it in a test.
class Source {
  public:
    virtual ~Source() = default;
    /// Never fails otherwise than by an Unknown answer. With an index it waits for a change, up to
    /// `wait` and a bit.
    virtual asio::awaitable<Heard> ask(Query query, std::optional<std::uint64_t> index) = 0;

    /// Consul leaves out what a token may not read without a word (1.8) or with a mark only for
    /// some (1.11 and later), so before a list that lost instances is believed, it is asked whether
    /// the service and the nodes of those instances may be read.
    virtual asio::awaitable<Readable> may_read(Query query, std::vector<std::string> nodes) = 0;
};

/// Asks a real agent. Queries with an index and those without use connections of their own, so that
/// no quick one waits behind a blocking one.
std::unique_ptr<Source> consul_source(asio::any_io_executor executor, net::HttpOptions options,
                                      Scope scope);

}  // namespace slotd::catalog
