// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/model/backoff.hpp"

#include <asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace slotd::catalog {

using OnAnswer = std::function<void(const model::Answer&)>;

/// Follows one query until it is cancelled: the first GET after a start or after anything doubtful
/// is without an index, the next ones block. `on_answer` is called with the first answer, with each
/// that differs from the last, and with the first good one after an Unknown; never with the same
/// twice. Retries wait by backoff (configuration errors: 30 s), and more than two quick answers in
/// a row are slowed to one a second.
asio::awaitable<void> watch(std::shared_ptr<Source> source, Query query, OnAnswer on_answer,
                            model::Backoff::Random random);

}  // namespace slotd::catalog
