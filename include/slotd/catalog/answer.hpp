// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::catalog {

/// Reads the bodies of Consul's answers. One is kept for all queries, for its buffers.
class AnswerParser {
  public:
    AnswerParser();
    ~AnswerParser();
    AnswerParser(const AnswerParser&) = delete;
    AnswerParser& operator=(const AnswerParser&) = delete;

    /// Of `/v1/health/service/NAME`: all of the list or, when any part of the document is not what
    /// it must be, Unknown (unreadable_answer) naming the element and field. An instance whose
    /// address or port can't be served goes to `refused`, the others stay. Entries of another
    /// service (Consul's store mixes names that differ after a NUL) are dropped; case does not
    /// count. The list is in Consul's order: by node, then ID.
    /// A body whose string has room for 64 bytes more is not copied.
    model::Answer parse(const std::string& body, const std::string& service);

    /// Of `/v1/kv/KEY`: the key's value, any bytes; an error (unreadable) when the document is not
    /// what it must be.
    model::Result<std::string> parse_value(const std::string& body, const std::string& key);

    /// Reads the answer to authorize_body(): all allowed, or not all; none when it is of no known
    /// form.
    std::optional<bool> parse_authorize(std::string_view body);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace slotd::catalog
