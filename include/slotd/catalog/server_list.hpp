// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"

#include <string_view>
#include <vector>

namespace slotd::catalog {

/// Reads a list of servers as a KV key's value has it, in one of two forms:
///
///     server NAME ADDR:PORT [check] [weight N] [disabled] [OPTION...]
///
/// in lines as split_lines() parts them, as haproxy.cfg has them: blank lines, `#` comments,
/// quotes; an IPv6 address in brackets or bare. Or JSON:
///
///     [{"name": "web-1", "address": "10.0.0.1", "port": 80, "weight": 1, "disabled": false}]
///
/// All of the list, or an error (unreadable) that names the first line that makes no sense, and its
/// text. A server whose name is that of an earlier one makes none. An instance's ID is the server's
/// name, its maintenance `disabled`. A server at a host name, or at an address that nobody can be
/// served at, goes to `refused`; an option that a slot can't take at run time to `ignored`. An
/// empty value is an empty list.
model::Result<model::Instances> parse_server_list(std::string_view value);

/// The lines of a value: parted by line ends, and by the two characters \n, as
/// `consul kv put KEY "a\nb"` stores them (a server line has no other use for a backslash).
std::vector<std::string_view> split_lines(std::string_view value);

}  // namespace slotd::catalog
