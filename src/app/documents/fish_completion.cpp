// SPDX-License-Identifier: MIT
#include "../listing.hpp"
#include "pages.hpp"
#include "words.hpp"

namespace slotd::app {
namespace {

constexpr const char* fish_before =
    R"(# fish completion for slotd, made by slotd-documents from the tables of slotd's parser.

# The command on the line so far, if there is one.
function __slotd_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l waits no
    for word in $words
        if test $waits = yes
            set waits no
            continue
        end
        switch $word
            case )";

constexpr const char* between = R"(
                set waits yes
            case '-*'
            case '*'
                echo $word
                return
        end
    end
end

# Whether the command is one of these; '' stands for none yet.
function __slotd_in
    set -l command (__slotd_command)
    contains -- "$command" $argv
end

complete -c slotd -f
)";

std::string fish_quoted(std::string_view text) {
    return "'" + with_escapes(text, "'\\") + "'";
}

std::string line(const std::string& commands, const std::string& words, std::string_view help) {
    return "complete -c slotd -n " + fish_quoted("__slotd_in " + commands) + words +
           (help.empty() ? "" : " -d " + fish_quoted(help)) + "\n";
}

std::string fish_value_of(const Option& option) {
    if (!has_value(option))
        return "";
    if (is_path(option))
        return " -r -F";
    if (option.choices.empty())
        return " -x";
    return " -x -a " + fish_quoted(listing(option.choices, " ", " "));
}

std::string line(const std::string& commands, const Option& option) {
    std::string words;
    for (const std::string_view name : names_of(option))
        words += name.starts_with("--") ? " -l " + std::string(name.substr(2))
                                        : " -s " + std::string(name.substr(1));
    return line(commands, words + fish_value_of(option), described(option));
}

}  // namespace

std::string fish_completion(std::span<const CommandTable> table) {
    std::vector<std::string_view> waiting;
    for (const Option& option : named_options(nullptr))
        if (has_value(option))
            for (const std::string_view name : names_of(option)) waiting.push_back(name);
    std::string text = fish_before + listing(waiting, " ", " ") + between;
    for (const CommandTable& command : table)
        text += line("\"\"", " -a " + std::string(command.text), command.help);
    for (const Option& option : named_options(nullptr)) text += line("\"\"", option);
    for (const CommandTable& command : table) {
        const std::string name(command.text);
        for (const Option& option : named_options(&command)) text += line(name, option);
        for (const Option& option : positional_options(command))
            if (!option.choices.empty() || is_path(option))
                text += line(
                    name,
                    is_path(option) ? " -F" : " -a " + fish_quoted(listing(option.choices, " ", " ")),
                    option.help);
    }
    return text;
}

}  // namespace slotd::app
