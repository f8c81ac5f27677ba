// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"

#include <array>
#include <string>
#include <string_view>

// What the tables of options have in common. A `take` answers what is wrong with the text.

namespace slotd::app {

using Text = const std::string&;

inline constexpr std::array<std::string_view, 6> log_levels{"trace", "debug", "info",
                                                            "warn",  "error", "off"};
inline constexpr std::array<std::string_view, 2> formats{"text", "json"};

template <auto member, auto text_format, auto json_format>
std::string take_format(Options& options, Text text) {
    options.*member = text == "json" ? json_format : text_format;
    return {};
}

template <auto member>
std::string take_text(Options& options, Text text) {
    if (text.empty())
        return "the value is empty";
    options.*member = text;
    return {};
}

template <auto member>
std::string take_switch(Options& options, Text) {
    options.*member = true;
    return {};
}

inline constexpr Option config_option{
    "-c,--config", "FILE", false,
    "the configuration file; without it /etc/slotd/slotd.toml, if that is there",
    take_text<&Options::config_file>};

}  // namespace slotd::app
