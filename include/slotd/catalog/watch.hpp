// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/model/backoff.hpp"

#include <asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace slotd::catalog {

using OnAnswer = std::function<void(std::shared_ptr<const model::Answer>)>;
/// Called for each request that gave nothing to trust, before `OnAnswer` if that is called at all.
using OnFailure = std::function<void()>;

/// Follows one query until it is cancelled: the first GET after a start or after anything doubtful
/// is without an index, the next ones block. `on_answer` is called with the first answer, with each
/// that differs from the last, and with the first good one after an Unknown; never with the same
/// twice. A list that lacks what the last one had, or is empty, is told only when the token may
/// read what is gone. What is unknown until Consul's index moves is waited for as a list is, and
/// told again with another text. Retries wait by backoff (configuration errors: 10 s). Quick
/// answers that tell nothing new are slowed to one a second after two, those that do to ten a
/// second after ten. `before` is the last list of another source that was followed until now; null:
/// none.
asio::awaitable<void> watch(std::shared_ptr<Source> source, Query query, OnAnswer on_answer,
                            model::Backoff::Random random, OnFailure on_failure = {},
                            OnComing on_coming = {},
                            std::shared_ptr<const model::Answer> before = {});

}  // namespace slotd::catalog
