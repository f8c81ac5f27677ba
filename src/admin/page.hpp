// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace slotd::admin {

/// page/page.html with its style and scripts, and the Content-Security-Policy that lets these run
/// and nothing else; made by embed.py.
extern const std::string_view page_html;
extern const std::string_view page_policy;

}  // namespace slotd::admin
