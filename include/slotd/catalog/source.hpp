// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/query.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"
#include "slotd/net/http.hpp"

#include <asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slotd::catalog {

/// What one GET gave.
struct Heard {
    model::Answer answer;
    std::optional<std::uint64_t> index;  ///< of a 200, or of a key that is not there; 0 is none
    /// Says that no leader is known, which is no news: a streaming answer (Consul 1.10 and later, a
    /// query with an index) always does. Only a query without an index tells the truth.
    bool ask_anew = false;
    /// Unknown, and so until Consul's index moves: the key is not there, or its value makes no
    /// sense.
    bool until_change = false;
    bool configuration = false;  ///< the error is in what was asked (4xx, filter, datacenter): no
                                 ///< use in quick retries

    explicit Heard(model::Answer answer_) : answer(std::move(answer_)) {}
};

/// Called when an answer has begun to arrive, before it is read: whoever acts on it can get ready
/// meanwhile. It asks nothing from within the call.
using OnComing = std::function<void()>;

/// Whether the token may see what it asks for; `cannot_tell`: this Consul does not answer that.
enum class Readable { yes, no, cannot_tell };

/// Consul, or what plays it in a test.
class Source {
  public:
    virtual ~Source() = default;
    /// Never fails otherwise than by an Unknown answer. With an index it waits for a change, up to
    /// `wait` and a bit. `on_coming` may be empty.
    virtual asio::awaitable<Heard> ask(Query query, std::optional<std::uint64_t> index,
                                       OnComing on_coming) = 0;

    /// Whether the token may read the service and all of these nodes; "" stands for every node
    /// (which a right for each of them alone does not give). Consul leaves out what a token may not
    /// read without a word (1.8) or with a mark only for some (1.11 and later). Yes where Consul
    /// has no ACLs, at once when it said so before. An error when it did not answer.
    virtual asio::awaitable<model::Result<Readable>> may_read(Query query,
                                                              std::vector<std::string> nodes) = 0;

    /// Whether the token may read the service and at least one node. An error when it did not
    /// answer.
    virtual asio::awaitable<model::Result<bool>> sees_any(Query query) = 0;
    virtual bool has_token() const = 0;

    /// Consul said that it has no ACLs, and has not been away since: every list is whole.
    virtual bool has_no_acls() const { return false; }
};

/// Asks a real agent. Queries with an index and those without use connections of their own, so that
/// no quick one waits behind a blocking one.
std::unique_ptr<Source> consul_source(asio::any_io_executor executor, net::HttpOptions options,
                                      Scope scope);

}  // namespace slotd::catalog
