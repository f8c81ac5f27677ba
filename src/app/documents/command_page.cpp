// SPDX-License-Identifier: MIT
#include "../listing.hpp"
#include "pages.hpp"
#include "roff.hpp"
#include "slotd/app/check/code.hpp"
#include "slotd/app/facts.hpp"
#include "slotd/app/setup.hpp"
#include "words.hpp"

#include <string_view>
#include <vector>

namespace slotd::app {
namespace {

constexpr const char* about_slotd =
    "slotd keeps the server slots of HAProxy in step with the healthy instances that Consul knows, "
    "over HAProxy's runtime socket: no reload, no rendered file, no list of backends.\n\n"
    "A slot is a server of a backend that is empty until slotd fills it. Its line in haproxy.cfg "
    "names the service that it follows, under a domain that never resolves; `slotd slots` prints "
    "such a line:";

constexpr const char* slot_line =
    "backend web\n"
    "    server-template s 1-20 web.service.slots.invalid:1 check disabled \\\n"
    "        init-addr last,127.0.0.1\n";

constexpr const char* about_slots =
    "slotd finds the slots, fills and drains them, and picks up a backend that a reload of HAProxy "
    "brings. Servers that are no slots are never touched. A slot is given an address first, and "
    "made ready only when HAProxy shows that address; a leaving instance drains before its slot is "
    "filled again.\n\n"
    "An option beats the environment, which beats the configuration file. None of the three is "
    "needed where the defaults hold and `--socket` names the HAProxy.";

/// "-c, --config FILE", as roff.
std::string tag_of(const Option& option, std::string_view before_value = " ") {
    if (is_positional(option))
        return italic(option.names);
    std::vector<std::string> names;
    for (const std::string_view name : names_of(option)) names.push_back(bold(name));
    const std::string tag = listing(names, ", ");
    return has_value(option) ? tag + std::string(before_value) + italic(option.value) : tag;
}

std::string synopsis_of(const CommandTable& command) {
    std::string words;
    for (const Option& option : command.options) {
        const std::string tag = tag_of(option, "\\~");
        const bool may_lack = !is_positional(option) || option.optional;
        words += (words.empty() ? "" : " ") + (may_lack ? "[" + tag + "]" : tag) +
                 (option.repeatable ? "..." : "");
    }
    if (command.is_work)
        words += (words.empty() ? "[" : " [") + italic("common option") + "]...";
    return words;
}

/// The names of those that `is_of` holds for, as roff.
std::vector<std::string> names_of(std::span<const CommandTable> table, const auto& is_of) {
    std::vector<std::string> names;
    for (const CommandTable& command : table)
        if (is_of(command))
            names.push_back(bold(command.text));
    return names;
}

void items(ManPage& page, std::span<const Option> options) {
    for (const Option& option : options) page.item(tag_of(option), plain(described(option)));
}

/// A fact that does not concern all commands says which.
void items(ManPage& page, std::span<const Fact> facts, std::span<const CommandTable> table) {
    for (const Fact& fact : facts) {
        const auto whose = names_of(table, fact.concerns);
        const bool of_all = whose.size() == table.size();
        page.item(bold(fact.name) + (of_all ? "" : " (" + listing(whose, ", ") + ")"),
                  plain(fact.help));
    }
}

void command_sections(ManPage& page, std::span<const CommandTable> table) {
    page.section("SYNOPSIS");
    for (const CommandTable& command : table)
        page.synopsis("\"slotd " + std::string(command.text) + "\"", synopsis_of(command));
    page.synopsis("slotd", "[" + italic("command") + "] " + bold("--help"));
    page.synopsis("slotd", bold("--version"));

    page.section("DESCRIPTION");
    page.paragraphs(plain(about_slotd));
    page.code(slot_line);
    page.paragraphs(plain(about_slots));

    page.section("COMMANDS");
    for (const CommandTable& command : table) {
        page.subsection("slotd " + std::string(command.text));
        page.paragraphs(sentence(command.help));
        if (!command.more.empty())
            page.paragraphs(plain(command.more));
        items(page, command.options);
    }
}

void option_section(ManPage& page, std::span<const CommandTable> table) {
    const auto whose = names_of(table, [](const CommandTable& one) { return one.is_work; });
    page.section("OPTIONS");
    page.paragraphs("The common options are those of " + listing(whose, " and ") +
                    "; they may also stand before the command.");
    items(page, common_options());
    page.paragraphs("Every command, and slotd itself, takes");
    page.item(tag_of(help_option()), plain(help_option().help));
    page.paragraphs("and slotd without a command");
    page.item(tag_of(version_option()), plain(version_option().help));
}

}  // namespace

std::string command_page(std::span<const CommandTable> table) {
    ManPage page("slotd", 1);
    page.section("NAME");
    page.paragraphs("slotd \\- keep HAProxy's server slots in step with Consul");
    command_sections(page, table);
    option_section(page, table);
    page.section("EXIT STATUS");
    items(page, exit_codes(), table);
    page.section("CODES OF FINDINGS");
    page.paragraphs("What " + bold("slotd check --format json") + " has as the " + bold("code") +
                    " of a finding. None changes or goes; new ones may come.");
    for (const CodeFact& code : codes()) page.item(bold(code.name), plain(code.help));
    page.section("ENVIRONMENT");
    items(page, environment(), table);
    page.section("SIGNALS");
    items(page, signals(), table);
    page.section("FILES");
    page.item(italic(default_config_file),
              "the configuration, see " + bold("slotd.toml") +
                  "(5); it is read when it is there and no other is named");
    page.section("EXAMPLES");
    for (const Example& example : examples()) page.item(bold(example.line), plain(example.help));
    page.section("SEE ALSO");
    page.paragraphs(bold("slotd.toml") + "(5), " + bold("haproxy") + "(1), " + bold("socat") +
                    "(1)");
    return page.text();
}

}  // namespace slotd::app
