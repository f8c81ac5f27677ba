// SPDX-License-Identifier: MIT
#include "asking_options.hpp"
#include "file_commands.hpp"
#include "option_takes.hpp"
#include "slotd/app/options.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <charconv>

namespace slotd::app {
namespace {

// More than that in one backend, and HAProxy takes seconds to start.
constexpr int most_slots = 10'000;

std::string take_count(Options& options, Text text) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), options.count);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || options.count < 1 ||
        options.count > most_slots)
        return "\"" + model::printable(text) + "\" is no number from 1 to " +
               std::to_string(most_slots);
    return {};
}

constexpr std::array run_options{
    Option{"--dry-run", "", false, "print the commands instead of sending them",
           take_switch<&Options::dry_run>},
    Option{"--once", "", false, "one full round over every backend, then exit",
           take_switch<&Options::once>},
};

constexpr std::array plan_options{
    Option{"--commands-only", "", false, "without the lines that give the reasons",
           take_switch<&Options::commands_only>},
    Option{"--exit-code", "", false, "exit 10 when there is something to send",
           take_switch<&Options::exit_code>},
    Option{"--format", "FORMAT", false, "how the plan is printed",
           take_format<&Options::format, OutputFormat::text, OutputFormat::json>, formats},
};

constexpr std::array check_options{
    Option{"--haproxy-config", "FILE", true,
           "HAProxy's configuration file, or a folder of them; without it, what the running "
           "HAProxy was started with, where that can be seen; may be repeated",
           [](Options& options, Text text) -> std::string {
               options.haproxy_config.push_back(text);
               return text.empty() ? "the value is empty" : "";
           }},
    Option{"--format", "FORMAT", false, "how the findings are printed",
           take_format<&Options::format, OutputFormat::text, OutputFormat::json>, formats},
};

constexpr std::array slots_options{
    Option{"SERVICE", "SERVICE", false, "Consul's name of the service; with --kv a name of [kv]",
           take_text<&Options::service>},
    Option{"COUNT", "COUNT", false, "how many slots: more than there will be instances",
           take_count},
    Option{"--tag", "TAG", false, "only instances with this tag", take_text<&Options::tag>},
    Option{"--datacenter", "DC", false, "of this datacenter instead of the agent's own",
           take_text<&Options::datacenter>},
    Option{"--kv", "", false, "slots that follow the server list in a KV key",
           take_switch<&Options::kv>},
    Option{"--check", "", false, "let HAProxy check each instance too",
           take_switch<&Options::check>},
};

constexpr const char* run_more =
    "slotd finds the slots of each HAProxy, follows the service that each names, and sends what "
    "brings them in step: at each answer of Consul, and within `poll` of a reload or of a change "
    "by someone else. Each change is a line in the log that gives the reason.\n\n"
    "What Consul can't tell, or what can't be trusted, removes nothing: the backend is held, that "
    "is, left as it is, and the log says so when it begins and when it ends. When slotd ends, "
    "every slot stays as it is.\n\n"
    "The socket needs `level admin`. With `--once`, a leaving slot is left in drain for a later "
    "run, and a large removal is waited for as long as `confirm` says.";

constexpr const char* plan_more =
    "Each command stands on a line of its own, with its reason before it in a line that begins "
    "with `#`; addresses come first, because HAProxy has to show them before a slot is made "
    "ready. A socket of `level user` is enough: nothing is changed.\n\n"
    "With `--format json` the plan is a document with the keys `version`, `commands` (how many) "
    "and "
    "`sockets`; each of these has its `backends`, with `held`, `waiting` and the two phases, "
    "`addresses` and `changes`: lists of `command`, `slot`, `instance`, `why` and `reason`.";

constexpr const char* check_more =
    "A line for each thing that was looked at: `ok`, `warning` (works, but not as well as it "
    "could) or `failure`, what it is about, what is wrong and how to mend it. Examined are the "
    "configuration; Consul, the token, and each service that slots follow; each HAProxy, its "
    "socket, its slots and, where it can be read, its haproxy.cfg; the state file; and the file "
    "that slotd manages, with its template, its history and HAProxy's check. What could "
    "not be told is said, or left out.\n\n"
    "Nothing is changed. Run it as the user that slotd runs as: what that user may not reach, "
    "slotd can't either. To see the haproxy.cfg that HAProxy was started with may take more rights "
    "than "
    "slotd needs: name it, or a copy, by `--haproxy-config`.\n\n"
    "It exits with 2 when a `failure` is about the configuration, with 1 when one is about "
    "anything else, and with 0 when there are at most warnings. With `--format json` the findings "
    "are a document with the keys `version`, `failures`, `warnings`, `ok` and `findings`; each of "
    "these has `level`, `area`, `code` (one of CODES OF FINDINGS), `where`, `what` and `hint`.";

constexpr const char* slots_more =
    "The host name in the line is what the slots follow: `[TAG.]SERVICE.service[.DATACENTER]"
    ".slots.invalid`, or with `--kv` `NAME.kv.slots.invalid`, for the key that `[kv]` of the "
    "configuration names NAME. HAProxy keeps it for as long as it runs and tells it to slotd; "
    "nobody ever "
    "looks it up. Neither Consul nor HAProxy is asked.";

constexpr const char* status_more =
    "For each backend: what it follows, how many instances serve, wait for a slot or can't be "
    "served, its slots, when it last changed and when it was last seen in step; below that why it "
    "is held, what a pause keeps from being sent, and what failed. Backends where something is "
    "wrong come first. With BACKEND, slot by slot who sits there since when.\n\n"
    "`--format json` prints the document of the admin endpoint's `/v1/status`, whose keys are "
    "stable; with `--watch` it is one document a line. Colours are for terminals only.";

constexpr const char* pause_more =
    "While a backend is paused slotd watches on, says in its status what it would send, and "
    "changes nothing; while all of them are, the managed file stays as it is too. A pause outlives "
    "a restart of slotd where `state_dir` of [admin] is set. "
    "Whoever may write to slotd's UNIX socket may pause; over TCP nothing can be changed.";

constexpr const char* resume_more =
    "Without BACKEND every pause ends. Where all backends were paused together, one of them can't "
    "be resumed alone.";

constexpr const char* log_level_more =
    "It holds until slotd ends; `--log-level` of `slotd run` says with which it starts.";

constexpr std::array all_commands{
    CommandTable{CommandName::run, "run", "keep HAProxy in step with Consul until told to stop",
                 run_options, true, run_more},
    CommandTable{CommandName::plan, "plan",
                 "print the commands that one round would send, send nothing", plan_options, true,
                 plan_more},
    CommandTable{CommandName::check, "check",
                 "examine configuration, Consul and HAProxy, and say what is wrong", check_options,
                 true, check_more},
    CommandTable{CommandName::slots, "slots",
                 "print the server-template line to paste into haproxy.cfg", slots_options, false,
                 slots_more},
    render_command,
    history_command,
    rollback_command,
    CommandTable{CommandName::status, "status", "show what the running slotd holds, and why",
                 status_options, false, status_more},
    CommandTable{CommandName::pause, "pause", "let the running slotd watch on and change nothing",
                 pause_options, false, pause_more},
    CommandTable{CommandName::resume, "resume", "end a pause", resume_options, false, resume_more},
    CommandTable{CommandName::log_level, "log-level", "set how much the running slotd logs",
                 log_level_options, false, log_level_more},
};

}  // namespace

std::span<const CommandTable> commands() {
    return all_commands;
}

bool works_on_file(CommandName command) {
    return command == CommandName::render || command == CommandName::history ||
           command == CommandName::rollback;
}

// The versions are kept on this machine. Who goes back to one of them may well do so because
// Consul, or what leads to it, is broken.
bool asks_consul(CommandName command) {
    return command == CommandName::run || command == CommandName::plan ||
           command == CommandName::check || command == CommandName::render;
}

}  // namespace slotd::app
