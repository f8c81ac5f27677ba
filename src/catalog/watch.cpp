// SPDX-License-Identifier: MIT
#include "slotd/catalog/watch.hpp"

#include "follow.hpp"

#include <utility>

namespace slotd::catalog {

asio::awaitable<void> watch(std::shared_ptr<Source> source, Query query, OnAnswer on_answer,
                            model::Backoff::Random random, OnFailure on_failure) {
    return follow<Heard>(
        [source, query](std::optional<std::uint64_t> index) { return source->ask(query, index); },
        Teller<model::Answer>(std::move(on_answer), std::move(on_failure)), std::move(random));
}

}  // namespace slotd::catalog
