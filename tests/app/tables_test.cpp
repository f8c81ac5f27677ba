// SPDX-License-Identifier: MIT
// The tables themselves: what the parser, --help, the manual and the completions are made of.
#include "slotd/app/cli.hpp"
#include "slotd/app/config.hpp"
#include "slotd/app/facts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace slotd;
using Words = std::vector<std::string>;

namespace {

bool is_taken(const Words& words) {
    return std::holds_alternative<app::Options>(app::parse_command_line(words));
}

/// Of one option that has a value: whether that value is taken, after `command`.
bool is_taken(std::string_view command, const app::Option& option, std::string_view value) {
    const auto name = option.names.substr(option.names.find(',') + 1);
    return is_taken({std::string(command), std::string(name), std::string(value)});
}

void check_choices(std::string_view command, std::span<const app::Option> options) {
    for (const app::Option& option : options) {
        if (option.choices.empty() || app::is_positional(option))
            continue;
        CAPTURE(option.names);
        for (const std::string_view choice : option.choices)
            CHECK(is_taken(command, option, choice));
        CHECK_FALSE(is_taken(command, option, "none of them"));
        CHECK(app::described(option).ends_with(" or " + std::string(option.choices.back())));
    }
}

template <typename Target>
void check_keys(std::span<const app::Key<Target>> keys) {
    for (const auto& key : keys) {
        CAPTURE(key.table);
        CAPTURE(key.name);
        CHECK_FALSE(key.help.empty());
        Target target;
        CHECK_FALSE(key.take(target, {}).empty());
        const bool shows_little =
            key.fallback.empty() || key.fallback == "\"\"" || key.fallback == "[]";
        CHECK(key.example.empty() != shows_little);
        const std::string table(key.table == "backend" ? "backend.x" : key.table);
        // No socket is what holds without `sockets`, but nothing to write.
        for (const std::string_view value : {key.fallback, key.example}) {
            if (value.empty() || value == "[]")
                continue;
            std::ostringstream text;
            text << "[" << table << "]\n" << key.name << " = " << value << "\n";
            for (const auto& error : app::parse_config(text.str(), "x").errors)
                FAIL_CHECK(to_string(error));
        }
    }
}

/// A section in which each key of `table` has the value that is shown as what holds without it.
template <typename Target>
std::string all_defaults(const std::string& table, std::span<const app::Key<Target>> keys) {
    std::string text = "[" + table + (table == "backend" ? ".x]\n" : "]\n");
    for (const auto& key : keys)
        // No socket is what holds without `sockets`, but it can't be written.
        if (key.table == table && key.name != "sockets" && !key.fallback.empty())
            text += std::string(key.name) + " = " + std::string(key.fallback) + "\n";
    return text;
}

}  // namespace

TEST_SUITE("tables") {
    TEST_CASE("the parser takes every choice of an option, and no other") {
        check_choices("plan", app::common_options());
        for (const app::CommandTable& command : app::commands())
            check_choices(command.text, command.options);
    }

    TEST_CASE(
        "every key of this version says what it does, and its default and example are taken") {
        check_keys(app::config_keys());
        check_keys(app::backend_keys());
        check_keys(app::file_keys());
    }

    TEST_CASE("every key belongs to a section, and a section says what it is for") {
        std::set<std::string_view> tables;
        for (const app::Section& section : app::sections()) {
            tables.insert(section.table);
            CHECK_FALSE(section.help.empty());
        }
        for (const auto& key : app::config_keys()) CHECK(tables.contains(key.table));
        for (const auto& key : app::backend_keys()) CHECK(tables.contains(key.table));
        for (const auto& key : app::file_keys()) CHECK(tables.contains(key.table));
    }

    TEST_CASE("a default that is shown is the one that holds") {
        const app::Config before;
        const app::Config after =
            app::parse_config(all_defaults("consul", app::config_keys()) +
                                  all_defaults("haproxy", app::config_keys()) +
                                  all_defaults("admin", app::config_keys()) +
                                  all_defaults("backend", app::backend_keys()) +
                                  all_defaults("file", app::file_keys()),
                              "x")
                .config;
        CHECK(after.consul.address == before.consul.address);
        CHECK(after.consul.token == before.consul.token);
        CHECK(after.consul.token_file == before.consul.token_file);
        CHECK(after.consul.scope.datacenter == before.consul.scope.datacenter);
        CHECK(after.consul.scope.consistency == before.consul.scope.consistency);
        CHECK(after.consul.scope.wait == before.consul.scope.wait);
        CHECK(after.admin.listen == before.admin.listen);
        CHECK(after.admin.state_dir == before.admin.state_dir);
        CHECK(after.work.poll == before.work.poll);
        CHECK(after.work.state_file == before.work.state_file);
        REQUIRE(after.work.backends.contains("x"));
        CHECK(after.work.of("x").policy == before.work.defaults.policy);
        CHECK(after.work.of("x").service == before.work.defaults.service);
        CHECK(after.work.of("x").tags == before.work.defaults.tags);
        CHECK(after.work.of("x").slots == before.work.defaults.slots);
        CHECK(after.file == file::Settings());
    }

    TEST_CASE("every command may end well or be called wrongly, and says more in the manual") {
        for (const app::CommandTable& command : app::commands()) {
            CHECK_FALSE(command.more.empty());
            for (const std::string_view name : {"0", "2"})
                CHECK(std::any_of(app::exit_codes().begin(), app::exit_codes().end(),
                                  [&](const app::Fact& code) {
                                      return code.name == name && code.concerns(command);
                                  }));
        }
    }

    TEST_CASE("every example is a command line that is taken") {
        for (const app::Example& example : app::examples()) {
            std::istringstream line{std::string(example.line)};
            Words words(std::istream_iterator<std::string>(line), {});
            REQUIRE(words.front() == "slotd");
            CHECK_MESSAGE(is_taken({words.begin() + 1, words.end()}), example.line);
        }
    }
}
