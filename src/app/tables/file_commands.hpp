// SPDX-License-Identifier: MIT
#pragma once

#include "option_takes.hpp"
#include "slotd/app/options.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <charconv>

// The commands that work on the managed file.

namespace slotd::app {

template <auto member>
std::string take_version(Options& options, Text text) {
    unsigned number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number == 0)
        return "\"" + model::printable(text) + "\" is no version's number";
    options.*member = number;
    return {};
}

inline constexpr std::array render_options{
    Option{"--diff", "", false, "print what would change, and change nothing",
           take_switch<&Options::diff>},
    Option{"--check", "", false, "let HAProxy check what would be the file, and change nothing",
           take_switch<&Options::check>},
    Option{"--stdout", "", false, "print what would be the file, and change nothing",
           take_switch<&Options::to_stdout>},
    Option{"--force", "", false, "also over a file that somebody else wrote",
           take_switch<&Options::force>},
    Option{"--unpin", "", false, "end the pin of a rollback", take_switch<&Options::unpin>},
};

inline constexpr const char* render_more =
    "Needs `[file]` in the configuration. Consul is asked once for the set of backends, and the "
    "template is rendered. When that is another text than the file's it is checked by HAProxy, "
    "renamed over the file and loaded; if HAProxy does not come up with it, the file before is put "
    "back and loaded again. Each version is kept. `slotd run` does the same by itself whenever the "
    "set of backends or the template changes.\n\n"
    "A file that somebody else wrote is kept in the history and not overwritten without `--force`. "
    "After `slotd rollback` nothing is rendered until `--unpin`.";

inline constexpr std::array<std::string_view, 2> history_actions{"show", "diff"};

inline constexpr std::array history_options{
    Option{"ACTION", "ACTION", false, "what is printed instead of the list",
           [](Options& options, Text text) -> std::string {
               options.action = text;
               return {};
           },
           history_actions, true},
    Option{"N", "N", false, "a version's number", take_version<&Options::version>, {}, true},
    Option{"M",
           "M",
           false,
           "with diff: another one; without it the version in place",
           take_version<&Options::other_version>,
           {},
           true},
};

inline constexpr const char* history_more =
    "Without an action, a line for each version that is kept: its number, when and why it was "
    "made, whether it is `good` (HAProxy ran with it), `new` (not yet proven), `refused` (by "
    "HAProxy's check), `failed` (HAProxy did not come up with it) or `edited` (somebody else wrote "
    "it), and the beginning of its SHA-256. A `*` stands before the one in place.\n\n"
    "`show N` prints the text of a version, `diff N M` what turns the version N into M.";

inline constexpr std::array rollback_options{
    Option{"N",
           "N",
           false,
           "a version's number; without it the newest good one that is not the file",
           take_version<&Options::version>,
           {},
           true},
};

inline constexpr const char* rollback_more =
    "The version is checked by HAProxy, put in place and loaded like a new one, and pinned: "
    "nothing is rendered until `slotd render --unpin`. Consul is not asked.";

inline constexpr CommandTable render_command{
    CommandName::render, "render", "write the managed file from its template",
    render_options,      true,     render_more};
inline constexpr CommandTable history_command{
    CommandName::history, "history", "list the versions of the managed file, or print from them",
    history_options,      true,      history_more};
inline constexpr CommandTable rollback_command{
    CommandName::rollback, "rollback", "put a version of the managed file back, and pin it",
    rollback_options,      true,       rollback_more};

}  // namespace slotd::app
