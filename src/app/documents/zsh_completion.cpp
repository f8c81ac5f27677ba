// SPDX-License-Identifier: MIT
#include "../listing.hpp"
#include "pages.hpp"
#include "words.hpp"

namespace slotd::app {
namespace {

constexpr const char* zsh_before = R"(#compdef slotd
# zsh completion for slotd, made by slotd-documents from the tables of slotd's parser.

_slotd() {
    local curcontext="$curcontext" state line ret=1
    typeset -A opt_args
)";

std::string zsh_quoted(const std::string& text) {
    std::string made = "'";
    for (const char c : text) made += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return made + "'";
}

/// ":FILE:_files", for _arguments.
std::string zsh_value_of(const Option& option) {
    const std::string message = with_escapes(option.value, ":\\");
    if (is_path(option))
        return ":" + message + ":_files";
    if (!option.choices.empty())
        return ":" + message + ":(" + listing(option.choices, " ", " ") + ")";
    return ":" + message + ": ";
}

/// A word for each name; they exclude each other unless they may be repeated.
void add_specs(std::vector<std::string>& specs, const Option& option, bool ends_all) {
    const auto names = names_of(option);
    std::string group = ends_all ? "(- *)" : "";
    if (option.repeatable)
        group = "*";
    else if (!ends_all && names.size() > 1)
        group = "(" + listing(names, " ", " ") + ")";
    const std::string help = "[" + with_escapes(described(option), "[]\\") + "]";
    for (const std::string_view name : names) {
        // "--config=" may also be two words.
        const bool may_join = has_value(option) && name.starts_with("--");
        specs.push_back(zsh_quoted(group + std::string(name) + (may_join ? "=" : "") + help +
                               (has_value(option) ? zsh_value_of(option) : "")));
    }
}

std::vector<std::string> specs_of(const CommandTable* command) {
    std::vector<std::string> specs;
    for (const Option& option : named_options(command)) {
        const bool ends_all =
            option.names == help_option().names || option.names == version_option().names;
        add_specs(specs, option, ends_all);
    }
    if (!command)
        return specs;
    std::size_t place = 1;
    for (const Option& option : positional_options(*command))
        specs.push_back(
            zsh_quoted(std::to_string(place++) + (option.optional ? ":" : "") + zsh_value_of(option)));
    return specs;
}

/// "-C" keeps `curcontext`, "-S" takes "--" for the end of the options.
std::string arguments(const std::string& indent, const std::vector<std::string>& specs) {
    const std::string between = " \\\n" + indent + "    ";
    return indent + "_arguments -C -S" + between + listing(specs, between, between) + " && ret=0\n";
}

}  // namespace

std::string zsh_completion(std::span<const CommandTable> table) {
    std::vector<std::string> specs = specs_of(nullptr);
    specs.emplace_back("'1: :->command'");
    specs.emplace_back("'*:: :->argument'");
    std::string text = zsh_before + arguments("    ", specs) +
                       "    case $state in\n"
                       "    command)\n"
                       "        local -a commands=(\n";
    for (const CommandTable& command : table)
        text += "            " +
                zsh_quoted(std::string(command.text) + ":" + with_escapes(command.help, ":\\")) + "\n";
    text +=
        "        )\n"
        "        _describe -t commands command commands && ret=0\n"
        "        ;;\n"
        "    argument)\n"
        "        curcontext=\"${curcontext%:*:*}:slotd-$line[1]:\"\n"
        "        case $line[1] in\n";
    for (const CommandTable& command : table)
        text += "        " + std::string(command.text) + ")\n" +
                arguments("            ", specs_of(&command)) + "            ;;\n";
    return text +
           "        esac\n"
           "        ;;\n"
           "    esac\n"
           "    return ret\n"
           "}\n\n"
           "_slotd \"$@\"\n";
}

}  // namespace slotd::app
