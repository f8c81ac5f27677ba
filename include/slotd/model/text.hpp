// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slotd::model {

/// `text` made safe for a log line or a terminal: control characters (C0, DEL, C1), line and
/// paragraph separators, bidirectional overrides and bytes that are not UTF-8 become `\xNN` or
/// `\u{NNNN}`, a backslash `\\`; cut after `most` bytes with "...".
std::string printable(std::string_view text, std::size_t most = 200);

/// `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

bool contains(std::string_view text, std::string_view part);

/// As DNS and HTTP compare names: A to Z are the same as a to z, every other byte only as itself.
bool same_but_for_case(std::string_view a, std::string_view b);

/// True when `text` matches a glob of `*`, `?` and literal characters, whole and exact in case.
bool matches_glob(std::string_view text, std::string_view glob);

}  // namespace slotd::model
