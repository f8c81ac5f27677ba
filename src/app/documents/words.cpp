// SPDX-License-Identifier: MIT
#include "words.hpp"

#include <algorithm>

namespace slotd::app {

std::vector<std::string_view> names_of(const Option& option) {
    std::vector<std::string_view> names;
    std::string_view left = option.names;
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(','), left.size());
        names.push_back(left.substr(0, end));
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return names;
}

bool has_value(const Option& option) {
    return !option.value.empty();
}

bool is_path(const Option& option) {
    return option.value == "FILE" || option.value == "PATH";
}

std::vector<Option> named_options(const CommandTable* command) {
    std::vector<Option> options;
    if (command)
        for (const Option& option : command->options)
            if (!is_positional(option))
                options.push_back(option);
    if (!command || command->is_work)
        options.insert(options.end(), common_options().begin(), common_options().end());
    options.push_back(help_option());
    if (!command)
        options.push_back(version_option());
    return options;
}

std::vector<Option> positional_options(const CommandTable& command) {
    std::vector<Option> options;
    for (const Option& option : command.options)
        if (is_positional(option))
            options.push_back(option);
    return options;
}

std::string with_escapes(std::string_view text, std::string_view characters,
                         std::string_view escape) {
    std::string made;
    for (const char c : text) {
        if (characters.find(c) != std::string_view::npos)
            made += escape;
        made += c;
    }
    return made;
}

}  // namespace slotd::app
