// SPDX-License-Identifier: MIT
#include "slotd/app/cli.hpp"

#include "facts_text.hpp"
#include "listing.hpp"
#include "slotd/model/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

// CLI11 splits the words and lists the options in --help; its exit codes (105 and others) stay in
// here. The facts under the options are ours: newer CLI11s would wrap a footer anew.

namespace slotd::app {
namespace {

constexpr int usage_exit = 2;

constexpr const char* about =
    "slotd keeps HAProxy's server slots in step with Consul's healthy instances, over the\n"
    "runtime socket and without a reload.";

Ending wrong(std::string what, std::string_view command) {
    Ending ending;
    ending.exit_code = usage_exit;
    const std::string of = command.empty() ? "" : " " + std::string(command);
    std::replace(what.begin(), what.end(), '\n', ' ');
    ending.err = "slotd" + of + ": " + what + " (`slotd" + of + " --help` tells more)\n";
    return ending;
}

/// What `take` found wrong with a value; thrown and caught within this file.
struct Refusal {
    std::string what;
};

std::string what_is_wrong(const Option& option, Options& options, const std::string& text) {
    const auto& choices = option.choices;
    if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end())
        return option.take(options, text);
    return "\"" + model::printable(text) + "\" is not one of " + listing(choices, ", ");
}

void add(CLI::App& app, const Option& option, Options& options) {
    const std::string names(option.names);
    const std::string help = described(option);
    const auto take = [&option, &options](const std::string& text) {
        const std::string what = what_is_wrong(option, options, text);
        if (!what.empty())
            throw Refusal{std::string(option.names.substr(option.names.find(',') + 1)) + ": " +
                          what};
    };
    if (option.value.empty()) {
        app.add_flag_callback(
            names, [take] { take({}); }, help);
        return;
    }
    CLI::Option* added = app.add_option_function<std::vector<std::string>>(
        names,
        [take](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) take(text);
        },
        help);
    added->type_name(std::string(option.value));
    // One word for each time the option is given, or it would swallow what follows.
    added->type_size(1)->allow_extra_args(false);
    if (is_positional(option))
        added->required(!option.optional)->expected(1)->type_name("");
    else if (option.repeatable)
        added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    else
        added->multi_option_policy(CLI::MultiOptionPolicy::Throw)->expected(1);
}

std::string quoted(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "\"" : " \"") + word + "\"";
    return text;
}

/// "run, plan or slots".
std::string names_of(std::span<const CommandTable> table) {
    std::vector<std::string_view> names;
    for (const CommandTable& command : table) names.push_back(command.text);
    return listing(names, " or ");
}

/// What --help prints: CLI11's part, and the facts of the command, or of all without one.
std::string help_text(std::string of_options, const CommandTable* command) {
    while (of_options.ends_with("\n\n")) of_options.pop_back();
    return of_options + facts_text(command);
}

}  // namespace

std::variant<Options, Ending> parse_command_line(std::vector<std::string> arguments,
                                                 std::span<const CommandTable> table) {
    const std::string version = "slotd " SLOTD_VERSION;
    Options options;
    CLI::App app(about, "slotd");
    app.set_help_flag(std::string(help_option().names), std::string(help_option().help));
    app.set_version_flag(std::string(version_option().names), version,
                         std::string(version_option().help));
    app.allow_extras();
    for (const Option& option : common_options()) add(app, option, options);

    std::map<const CLI::App*, const CommandTable*> known;
    for (const CommandTable& command : table) {
        CLI::App* sub = app.add_subcommand(std::string(command.text), std::string(command.help));
        sub->allow_extras(false);
        for (const Option& option : command.options) add(*sub, option, options);
        if (command.is_work)
            for (const Option& option : common_options()) add(*sub, option, options);
        known.emplace(sub, &command);
    }

    const CommandTable* chosen = nullptr;
    const auto name = [&] {
        for (const CLI::App* sub : app.get_subcommands()) chosen = known.at(sub);
        return chosen ? chosen->text : std::string_view();
    };
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(arguments);
    } catch (const Refusal& refusal) {
        return wrong(refusal.what, name());
    } catch (const CLI::CallForVersion&) {
        return Ending{0, version + "\n", {}};
    } catch (const CLI::CallForHelp&) {
        name();
        const auto parsed = app.get_subcommands();
        return Ending{
            0, help_text(parsed.empty() ? app.help() : parsed.back()->help("slotd"), chosen), {}};
    } catch (const CLI::ExtrasError&) {
        const std::string_view command = name();
        const auto parsed = app.get_subcommands();
        return wrong(
            "does not know " + quoted((parsed.empty() ? &app : parsed.back())->remaining()),
            command);
    } catch (const CLI::ParseError& error) {
        return wrong(error.what(), name());
    }
    const std::vector<std::string> words = app.remaining();
    if (!words.empty())
        return wrong("there is no command or option " + quoted({words.front()}), {});
    if (app.get_subcommands().empty())
        return wrong("say what to do: " + names_of(table), {});
    name();
    options.command = chosen->name;
    return options;
}

}  // namespace slotd::app
