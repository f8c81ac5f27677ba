// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <string>
#include <string_view>

namespace slotd::file {

/// The server lines of a KV key's value for haproxy.cfg, each with the options it has there; an
/// error when any line of the value is none (catalog/server_list.hpp). Comments are left out, JSON
/// becomes lines. Between two lines stand a newline and four blanks.
model::Result<std::string> server_lines(std::string_view value);

}  // namespace slotd::file
