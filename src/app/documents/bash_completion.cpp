// SPDX-License-Identifier: MIT
#include "../listing.hpp"
#include "pages.hpp"
#include "words.hpp"

namespace slotd::app {
namespace {

// `_slotd_values COMMAND WHAT` tells what comes there: WHAT is an option, the number of a place, or
// "options" for their names; COMMAND is empty before there is one. It fails for a switch. bash
// splits
// "--format=json" into three words.
constexpr const char* bash_before =
    R"(# bash completion for slotd, made by slotd-documents from the tables of slotd's parser.

_slotd() {
    local current=${COMP_WORDS[COMP_CWORD]} command='' option='' place=0 values='' i word
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $option ]]; then
            [[ $word == = ]] || option=''
        elif [[ $word == -* ]]; then
            ! _slotd_values "$command" "$word" || option=$word
        elif [[ -z $command ]]; then
            command=$word
        else
            place=$((place + 1))
        fi
    done
    [[ $current != = ]] || current=''
    if [[ -n $option ]]; then
        word=$option
    elif [[ $current == -* ]]; then
        word=options
    else
        word=$place
    fi
    values=''
    _slotd_values "$command" "$word"
    if [[ $values == / ]]; then
        compopt -o default
    else
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
    fi
}

# Sets `values` to the words that may stand there, or to "/" for paths.
_slotd_values() {
    case "$1 $2" in
)";

constexpr const char* after = R"(        *) return 1 ;;
    esac
}

complete -F _slotd slotd
)";

std::string row(const std::vector<std::string>& patterns, const std::string& values) {
    return "        " + listing(patterns, " | ", " | ") + ") values='" + values + "' ;;\n";
}

std::string pattern(std::string_view command, std::string_view what) {
    return "'" + std::string(command) + " " + std::string(what) + "'";
}

std::string values_of(const Option& option) {
    return is_path(option) ? "/" : listing(option.choices, " ", " ");
}

std::string rows_of(const CommandTable* command, const std::vector<std::string_view>& commands) {
    const std::string_view name = command ? command->text : "";
    std::string rows;
    std::vector<std::string_view> all;
    for (const Option& option : named_options(command)) {
        std::vector<std::string> patterns;
        for (const std::string_view one : names_of(option)) {
            all.push_back(one);
            patterns.push_back(pattern(name, one));
        }
        if (has_value(option))
            rows += row(patterns, values_of(option));
    }
    rows += row({pattern(name, "options")}, listing(all, " ", " "));
    if (!command)
        return rows + row({pattern(name, "0")}, listing(commands, " ", " "));
    std::size_t place = 0;
    for (const Option& option : positional_options(*command))
        rows += row({pattern(name, std::to_string(place++))}, values_of(option));
    return rows;
}

}  // namespace

std::string bash_completion(std::span<const CommandTable> table) {
    std::vector<std::string_view> commands;
    for (const CommandTable& command : table) commands.push_back(command.text);
    std::string text = bash_before + rows_of(nullptr, commands);
    for (const CommandTable& command : table) text += rows_of(&command, commands);
    return text + after;
}

}  // namespace slotd::app
