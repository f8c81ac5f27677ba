// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/log.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::app {

enum class CommandName {
    run,
    plan,
    check,
    slots,
    render,
    history,
    rollback,
    status,
    pause,
    resume,
    log_level
};

enum class OutputFormat { text, json };

/// One `--backend NAME[=SERVICE]`.
struct BackendOption {
    std::string name;
    std::string service;  ///< empty: only NAME was given
};

/// What the command line said; what it did not say is empty.
struct Options {
    CommandName command = CommandName::run;

    std::optional<std::string> config_file;
    std::optional<std::string> consul;
    std::vector<std::string> sockets;
    std::vector<BackendOption> backends;
    sync::LogLevel log_level = sync::LogLevel::info;
    sync::LogFormat log_format = sync::LogFormat::text;

    bool dry_run = false;
    bool once = false;

    bool commands_only = false;
    bool exit_code = false;
    OutputFormat format = OutputFormat::text;

    std::vector<std::string> haproxy_config;

    std::string service;  ///< of `slotd slots`
    int count = 0;
    std::string tag;
    std::string datacenter;
    bool check = false;
    bool kv = false;  ///< `service` is a name in [kv]

    bool diff = false;  ///< of `slotd render`, as `check`
    bool to_stdout = false;
    bool force = false;
    bool unpin = false;

    std::string action;               ///< of `slotd history`; empty: the list
    std::optional<unsigned> version;  ///< of the managed file
    std::optional<unsigned> other_version;

    std::string admin;    ///< where a running slotd answers; empty: find it
    std::string backend;  ///< of those that ask it; empty: all
    bool watch = false;
    std::string pause_for;  ///< a duration; empty: until it is resumed
    std::string level;
};

/// An option of the command line: the parser and every document read this table.
struct Option {
    std::string_view names;  ///< "-c,--config", or "SERVICE" for one that is known by its place
    std::string_view value;  ///< "FILE"; empty: a switch
    bool repeatable;
    std::string_view help;
    /// Takes the text (empty for a switch) and says what is wrong with it; empty: nothing.
    std::string (*take)(Options& options, const std::string& text);
    std::span<const std::string_view> choices = {};  ///< the parser refuses others; empty: any
    bool optional = false;  ///< of one that is known by its place, which else must be there
};

/// Known by its place and not by a name.
bool is_positional(const Option& option);

/// `help`, and the choices there are.
std::string described(const Option& option);

struct CommandTable {
    CommandName name;
    std::string_view text;  ///< "run"
    std::string_view help;
    std::span<const Option> options;  ///< besides the common ones
    bool is_work;                     ///< takes the common options
    std::string_view more = {};       ///< paragraphs for the manual, an empty line between two
};

/// Whether it asks Consul, and so needs its address, certificates and token.
bool asks_consul(CommandName command);
/// Whether it works on the managed file.
bool works_on_file(CommandName command);

/// Of every command, and of slotd itself.
const Option& help_option();
/// Of slotd itself.
const Option& version_option();

/// Of every command that works on an HAProxy; they may also stand before the command.
std::span<const Option> common_options();
std::span<const CommandTable> commands();

}  // namespace slotd::app
