// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/answer.hpp"
#include "slotd/catalog/query.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/model/result.hpp"
#include "slotd/net/http.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <string>
#include <vector>

namespace slotd::catalog {

/// Asks Consul what the token may read, and asks no more once it said that it has no ACLs. What it
/// is given outlives it.
class Rights {
  public:
    Rights(asio::any_io_executor executor, net::HttpClient& client, AnswerParser& parser,
           const Scope& scope);

    /// As Source::may_read.
    asio::awaitable<model::Result<Readable>> may_read(Query query, std::vector<std::string> nodes);

    /// As Source::sees_any.
    asio::awaitable<model::Result<bool>> sees_any(Query query);

    /// As Source::has_no_acls.
    bool has_no_acls() const { return acls_off_; }

    /// Consul was away: it may be back with ACLs.
    void forget();

  private:
    class Asking;
    asio::awaitable<model::Result<Readable>> ask(const Query& query,
                                                 const std::vector<std::string>& nodes);

    net::HttpClient& client_;
    AnswerParser& parser_;
    const Scope& scope_;
    bool acls_off_ = false;
    bool known_ = false;  ///< whether it has ACLs
    bool asking_ = false;
    asio::steady_timer asked_;
};

}  // namespace slotd::catalog
