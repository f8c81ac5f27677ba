// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace slotd::file {

/// `text`, whatever Consul said, as a part of one word of haproxy.cfg: it can't begin another word,
/// line, section, comment or quote, be it written bare or between quotes. Letters, digits and plain
/// signs stay; blanks, quotes, #, $ and \ and all beyond ASCII become HAProxy's own `\xNN`, which
/// it reads as that character (not between single quotes); control characters, %, { and } become
/// `_`.
std::string word(std::string_view text);

}  // namespace slotd::file
