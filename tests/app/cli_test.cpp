// SPDX-License-Identifier: MIT
#include "slotd/app/cli.hpp"

#include "slotd/app/facts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

using namespace slotd;
using Words = std::vector<std::string>;

namespace {

app::Options parsed(const Words& words) {
    auto result = app::parse_command_line(words);
    const auto* ending = std::get_if<app::Ending>(&result);
    REQUIRE_MESSAGE(!ending, (ending ? ending->err : std::string()));
    return std::get<app::Options>(std::move(result));
}

app::Ending ended(const Words& words) {
    auto result = app::parse_command_line(words);
    REQUIRE(std::holds_alternative<app::Ending>(result));
    return std::get<app::Ending>(std::move(result));
}

std::string take_service(app::Options& options, const std::string& text) {
    options.service = text;
    return {};
}

std::string take_tag(app::Options& options, const std::string& text) {
    options.tag = text;
    return {};
}

/// The first words of the lines under "TITLE:" of a help.
Words named_under(const std::string& title, const Words& words) {
    std::istringstream help(ended(words).out);
    Words names;
    bool inside = false;
    for (std::string line; std::getline(help, line);) {
        if (inside && line.starts_with("  ") && !line.starts_with("  An option beats"))
            names.push_back(line.substr(2, line.find(' ', 2) - 2));
        else
            inside = line == title + ":";
    }
    return names;
}

Words names_of(std::span<const app::Fact> facts, const app::CommandTable* command) {
    Words names;
    for (const app::Fact& fact : facts)
        if (!command || fact.concerns(*command))
            names.emplace_back(fact.name);
    return names;
}

}  // namespace

TEST_SUITE("cli") {
    TEST_CASE("options stand before or after the command") {
        for (const Words& words : {Words{"--socket", "/a", "-c", "x.toml", "run", "--once"},
                                   Words{"run", "--once", "--socket", "/a", "--config", "x.toml"},
                                   Words{"-c", "x.toml", "run", "--socket=/a", "--once"}}) {
            const app::Options options = parsed(words);
            CHECK(options.command == app::CommandName::run);
            CHECK(options.sockets == Words{"/a"});
            CHECK(options.config_file == "x.toml");
            CHECK(options.once);
            CHECK_FALSE(options.dry_run);
        }
    }

    TEST_CASE("what may be repeated is collected, wherever it stands") {
        const app::Options options =
            parsed({"--socket", "/a", "run", "--socket", "/b", "--backend", "web", "--backend",
                    "old=api", "--socket", "tcp://127.0.0.1:1"});
        CHECK(options.sockets == Words{"/a", "/b", "tcp://127.0.0.1:1"});
        REQUIRE(options.backends.size() == 2);
        CHECK(options.backends[0].name == "web");
        CHECK(options.backends[0].service.empty());
        CHECK(options.backends[1].name == "old");
        CHECK(options.backends[1].service == "api");
    }

    TEST_CASE("each command has its own options") {
        const app::Options plan = parsed(
            {"plan", "--commands-only", "--exit-code", "--format", "json", "--consul", "http://c"});
        CHECK(plan.command == app::CommandName::plan);
        CHECK(plan.commands_only);
        CHECK(plan.exit_code);
        CHECK(plan.format == app::OutputFormat::json);
        CHECK(plan.consul == "http://c");

        const app::Options slots =
            parsed({"slots", "web", "20", "--tag", "prod", "--datacenter", "dc2", "--check"});
        CHECK(slots.command == app::CommandName::slots);
        CHECK(slots.service == "web");
        CHECK(slots.count == 20);
        CHECK(slots.tag == "prod");
        CHECK(slots.datacenter == "dc2");
        CHECK(slots.check);

        const app::Options status =
            parsed({"status", "web", "--watch", "--format", "json", "--admin", "unix:/a"});
        CHECK(status.backend == "web");
        CHECK(status.watch);
        CHECK(status.format == app::OutputFormat::json);
        CHECK(status.admin == "unix:/a");
        CHECK(parsed({"pause", "--for", "30m"}).pause_for == "30m");
        CHECK(parsed({"pause", "web"}).backend == "web");
        CHECK(parsed({"-c", "x.toml", "resume"}).config_file == "x.toml");
        CHECK(parsed({"log-level", "debug"}).level == "debug");

        const app::Options run =
            parsed({"run", "--dry-run", "--log-level", "debug", "--log-format", "json"});
        CHECK(run.dry_run);
        CHECK(run.log_level == sync::LogLevel::debug);
        CHECK(run.log_format == sync::LogFormat::json);
    }

    TEST_CASE("what is wrong is named, with what to do, and exits with 2") {
        struct Row {
            Words words;
            std::string err;
        };
        const std::vector<Row> rows{
            {{},
             "slotd: say what to do: run, plan, check, slots, render, history, rollback, status, "
             "pause, "
             "resume or log-level (`slotd --help` tells more)\n"},
            {{"rum"}, "slotd: there is no command or option \"rum\" (`slotd --help` tells more)\n"},
            {{"--sokcet", "/a", "run"},
             "slotd: there is no command or option \"--sokcet\" (`slotd --help` tells more)\n"},
            {{"run", "--sokcet"},
             "slotd run: does not know \"--sokcet\" (`slotd run --help` tells more)\n"},
            {{"run", "--exit-code"},
             "slotd run: does not know \"--exit-code\" (`slotd run --help` tells more)\n"},
            {{"run", "--socket"},
             "slotd run: --socket: 1 required PATH missing (`slotd run --help` tells more)\n"},
            {{"plan", "--format", "yaml"},
             "slotd plan: --format: \"yaml\" is not one of text, json (`slotd plan --help` tells "
             "more)\n"},
            {{"--log-level", "loud", "run"},
             "slotd run: --log-level: \"loud\" is not one of trace, debug, info, warn, error, off "
             "(`slotd run --help` tells more)\n"},
            {{"run", "--backend", "a b"},
             "slotd run: --backend: \"a b\" is no name HAProxy gives a backend (letters, digits "
             "and "
             "-_.: only) (`slotd run --help` tells more)\n"},
            {{"run", "--backend", "web="},
             "slotd run: --backend: no service after \"web=\" (`slotd run --help` tells more)\n"},
            {{"run", "--backend", "web=a", "--backend", "web=b"},
             "slotd run: --backend: \"web\" is given twice, and not the same service (`slotd run "
             "--help` tells more)\n"},
            {{"run", "--consul", ""},
             "slotd run: --consul: the value is empty (`slotd run --help` tells more)\n"},
            {{"pause", "--for", "soon"},
             "slotd pause: --for: \"soon\" is no time for a pause: \"90s\", \"30m\" or \"2h\" is "
             "one (`slotd pause --help` tells more)\n"},
            {{"log-level", "loud"},
             "slotd log-level: LEVEL: \"loud\" is not one of trace, debug, info, warn, error, off "
             "(`slotd log-level --help` tells more)\n"},
            {{"slots", "web", "0"},
             "slotd slots: COUNT: \"0\" is no number from 1 to 10000 (`slotd slots --help` tells "
             "more)\n"},
            {{"slots", "web", "8o"},
             "slotd slots: COUNT: \"8o\" is no number from 1 to 10000 (`slotd slots --help` tells "
             "more)\n"},
            {{"slots", "web"},
             "slotd slots: COUNT is required (`slotd slots --help` tells more)\n"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.err);
            const app::Ending ending = ended(row.words);
            CHECK(ending.err == row.err);
            CHECK(ending.out.empty());
            CHECK(ending.exit_code == 2);
        }
    }

    TEST_CASE("what is known by its place may be optional") {
        static constexpr std::array options{
            app::Option{"SERVICE", "SERVICE", false, "which", &take_service},
            app::Option{"TAG", "TAG", false, "of it", &take_tag, {}, true},
        };
        static constexpr std::array table{
            app::CommandTable{app::CommandName::slots, "show", "show it", options, false}};
        const auto tag = [](const Words& words) {
            return std::get<app::Options>(app::parse_command_line(words, table)).tag;
        };
        CHECK(tag({"show", "web"}).empty());
        CHECK(tag({"show", "web", "prod"}) == "prod");
        const auto wrong = [](const Words& words) {
            return std::get<app::Ending>(app::parse_command_line(words, table)).err;
        };
        CHECK(wrong({"show"}) ==
              "slotd show: SERVICE is required (`slotd show --help` tells more)\n");
        CHECK(wrong({"show", "web", "prod", "x"}) ==
              "slotd show: does not know \"x\" (`slotd show --help` tells more)\n");
        CHECK(wrong({}) == "slotd: say what to do: show (`slotd --help` tells more)\n");
        const auto help = std::get<app::Ending>(app::parse_command_line({"show", "--help"}, table));
        CHECK(help.out.find("Usage: slotd show [OPTIONS] SERVICE [TAG]\n") != std::string::npos);
    }

    TEST_CASE("help names every option of the tables, and ends well") {
        const std::string all = ended({"--help"}).out;
        for (const app::CommandTable& command : app::commands()) {
            CHECK(all.find("\n  " + std::string(command.text)) != std::string::npos);
            const app::Ending own = ended({std::string(command.text), "--help"});
            CHECK(own.exit_code == 0);
            CHECK(own.err.empty());
            CHECK(own.out.find("slotd " + std::string(command.text)) != std::string::npos);
            for (const app::Option& option : command.options)
                CHECK(own.out.find(option.names) != std::string::npos);
            // Those of its own may be common ones too.
            for (const app::Option& option : app::common_options()) {
                const auto is_it = [&](const app::Option& one) {
                    return one.names == option.names;
                };
                const bool is_own =
                    std::any_of(command.options.begin(), command.options.end(), is_it);
                CHECK((own.out.find(option.names) != std::string::npos) ==
                      (command.is_work || is_own));
            }
        }
        CHECK(ended({"--version"}).out == "slotd " SLOTD_VERSION "\n");
    }

    TEST_CASE("help tells the facts that concern the command, and slotd's own help all of them") {
        struct Kind {
            std::string title;
            std::span<const app::Fact> facts;
        };
        for (const Kind& kind :
             {Kind{"Environment", app::environment()}, Kind{"Signals", app::signals()},
              Kind{"Exit codes", app::exit_codes()}}) {
            for (const app::CommandTable& command : app::commands())
                CHECK(named_under(kind.title, {std::string(command.text), "--help"}) ==
                      names_of(kind.facts, &command));
            CHECK(named_under(kind.title, {"--help"}) == names_of(kind.facts, nullptr));
        }
        CHECK(named_under("Environment", {"slots", "--help"}).empty());
        CHECK(named_under("Exit codes", {"run", "--help"}) == Words{"0", "1", "2"});
    }
}
