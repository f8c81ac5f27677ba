// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/model/instance.hpp"

#include <asio/awaitable.hpp>

#include <optional>

namespace slotd::catalog {

/// Tells an instance that is gone from one that the token may not read any more. One for each query
/// that is followed; `source` outlives it.
class Sight {
  public:
    Sight(Source& source, Query query);

    /// Why `list` must not be believed: the token may not read what it lacks of `before` (the last
    /// list that was believed; null: none), or nothing at all. None: it may be believed, and
    /// `whole` of it is set.
    asio::awaitable<std::optional<model::Unknown>> why_doubt(model::Instances& list,
                                                             const model::Instances* before);

    /// Consul was away, and the token may be another's: `whole` is asked about anew.
    void forget() { sees_all_ = false; }

  private:
    asio::awaitable<std::optional<model::Unknown>> look_around(model::Instances& list);

    Source& source_;
    Query query_;
    bool sees_all_ = false;
    bool is_first_ = true;  ///< nothing that it looked at was believed yet
};

}  // namespace slotd::catalog
