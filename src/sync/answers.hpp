// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/query.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/sync/follow.hpp"

#include <asio/awaitable.hpp>

#include <map>
#include <optional>
#include <vector>

namespace slotd::sync {

/// What Consul says to each query of a survey, asked once, some at a time.
class Answers {
  public:
    /// `before`: lists of a moment ago; what a new one lacks of them the token must be able to
    /// read.
    Answers(catalog::Source& source, std::map<catalog::Query, model::Instances> before);

    /// Asks for the queries of `groups` that were not asked yet. A Consul that can't be reached is
    /// not asked on. False: there were none.
    asio::awaitable<bool> ask_for(const std::vector<Group>& groups);

    const model::Answer& of(const catalog::Query& query) const;

  private:
    asio::awaitable<void> four_lanes();
    asio::awaitable<void> lane();
    asio::awaitable<model::Answer> ask(const catalog::Query& query);

    catalog::Source& source_;
    std::map<catalog::Query, model::Instances> before_;
    std::map<catalog::Query, model::Answer> answers_;
    std::vector<catalog::Query> to_ask_;
    std::optional<model::Unknown> unreachable_;
};

}  // namespace slotd::sync
