// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/file/settings.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace slotd::file {

/// The server lines of a KV key for haproxy.cfg. Between two lines stand a newline and four blanks.
struct KeyLines {
    std::string text;
    std::vector<model::Refused> left_out;  ///< of JSON: what can't be a line

    KeyLines() = default;
};

/// The lines of a key's value, each with the options it has there; an error when any line of the
/// value is none (catalog/server_list.hpp), and when there is no server and that is to be held.
/// Comments are left out, JSON becomes lines.
model::Result<KeyLines> server_lines(std::string_view value, OnEmpty on_empty);

/// What is to be said of the servers that were left out of the key's lines.
std::vector<model::Error> remarks_on(const KeyLines& lines, const std::string& key);

}  // namespace slotd::file
