// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"
#include "slotd/net/http.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What of Consul's answers can be trusted, whatever was asked.

namespace slotd::catalog {

/// How long an answer may take: of a query with an index `wait` and a bit.
std::chrono::milliseconds longest_answer(bool has_index, std::chrono::seconds wait);

/// None when it is missing or 0.
std::optional<std::uint64_t> index_of(const net::HttpResponse& response);

/// There was no response.
model::Unknown no_response(const model::Error& error);

/// A response that is no answer. `needs`: the rights that the token must have.
model::Unknown refusal(const net::HttpResponse& response, std::string_view needs);
/// The error is in what was asked: no use in quick retries.
bool is_configuration(const net::HttpResponse& response);

/// Why an answer can't be trusted by what its headers say; none: it can.
std::optional<model::Unknown> doubt_of(const net::HttpResponse& response, bool has_index,
                                       std::string_view needs);
/// What stands in the way of an answer, as the Answer to give in its place (Heard or Listed); none:
/// it may be read. `is_missing`: a 404 that says that the key is not there.
template <typename Answer>
std::optional<Answer> no_answer(const model::Result<net::HttpResponse>& response, bool is_missing,
                                bool has_index, std::string_view needs) {
    if (!response)
        return Answer(no_response(response.error()));
    if (response->status != 200 && !is_missing) {
        Answer refused(refusal(*response, needs));
        refused.configuration = is_configuration(*response);
        return refused;
    }
    if (auto doubt = doubt_of(*response, has_index, needs))
        return Answer(*std::move(doubt));
    return std::nullopt;
}

/// That the key is not there. What has no Consul behind it answers 404 too, but without an index.
bool says_missing_key(const net::HttpResponse& response);

/// Streaming answers (Consul 1.10 and later, with an index) always deny it.
bool knows_leader(const net::HttpResponse& response);

}  // namespace slotd::catalog
