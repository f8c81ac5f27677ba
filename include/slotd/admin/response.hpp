// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace slotd::admin {

struct Response {
    int status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
    std::shared_ptr<const std::string> shared;  ///< instead of `body`: a long text of several answers
    std::string allow;  ///< the methods there are, of a 405
    /// What a browser may load, were this shown as a page: nothing.
    std::string security_policy = "default-src 'none'; frame-ancestors 'none'";
    bool is_stream = false;  ///< the body has no length, and goes on until the connection ends

    Response() = default;
    /// A text of one line, whose end is added.
    Response(int status_, std::string_view line);

    static Response json(std::string body);

    std::string_view text() const { return shared ? *shared : body; }
};

/// Status line and headers, to the empty line.
std::string head_of(const Response& response);

}  // namespace slotd::admin
