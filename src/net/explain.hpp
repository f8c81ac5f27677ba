// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"
#include "slotd/net/http.hpp"

#include <curl/curl.h>

#include <string>
#include <utility>

namespace slotd::net {

/// How a transfer that is no timeout failed.
struct Failure {
    CURLcode code;
    std::string text;            ///< curl's
    int system_error = 0;        ///< errno of the connection, 0: none
    bool ever_answered = false;  ///< the server has answered this client before

    Failure(CURLcode code_, std::string text_) : code(code_), text(std::move(text_)) {}
};

/// What it means and what to do about it, at the options' base.
model::Error explain(const Failure& failure, const HttpOptions& options);

}  // namespace slotd::net
