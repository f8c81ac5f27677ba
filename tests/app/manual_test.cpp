// SPDX-License-Identifier: MIT
// The man pages tell what the tables hold, and nothing else.
#include "slotd/app/check/code.hpp"
#include "slotd/app/config.hpp"
#include "slotd/app/documents.hpp"
#include "slotd/app/facts.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

using namespace slotd;
using Names = std::set<std::string>;

namespace {

std::string page(std::string_view name, std::span<const app::CommandTable> table) {
    for (const app::Document& document : app::documents())
        if (document.name == name)
            return document.make(table);
    FAIL("no document " << name);
    return {};
}

/// What a reader sees of a line of roff.
std::string shown(std::string text) {
    for (const auto& [from, to] : {std::pair{"\\fB", ""},
                                   {"\\fI", ""},
                                   {"\\fR", ""},
                                   {"\\%", ""},
                                   {"\\&", ""},
                                   {"\\~", " "},
                                   {"\\-", "-"},
                                   {"\\(aq", "'"},
                                   {"\\(ha", "^"},
                                   {"\\(ti", "~"},
                                   {"\\e", "\\"}})
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at))
            text.replace(at, std::string_view(from).size(), to);
    return text;
}

/// The tags of the items under each heading.
std::map<std::string, Names> tags_of(const std::string& roff) {
    std::map<std::string, Names> tags;
    std::istringstream lines(roff);
    std::string heading;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(".SH ") || line.starts_with(".SS "))
            tags[heading = shown(line.substr(4))];
        if (line != ".TP")
            continue;
        std::getline(lines, line);
        tags[heading].insert(shown(line));
    }
    return tags;
}

Names tags_of(std::span<const app::Option> options) {
    Names tags;
    for (const app::Option& option : options) {
        std::string tag(option.names);
        if (const auto comma = tag.find(','); comma != std::string::npos)
            tag.replace(comma, 1, ", ");
        if (!app::is_positional(option) && !option.value.empty())
            tag += " " + std::string(option.value);
        tags.insert(tag);
    }
    return tags;
}

Names names_of(std::span<const app::Fact> facts) {
    Names names;
    for (const app::Fact& fact : facts) names.emplace(fact.name);
    return names;
}

/// "CONSUL_HTTP_ADDR (run, plan)" -> "CONSUL_HTTP_ADDR"
Names without_commands(const Names& tags) {
    Names names;
    for (const std::string& tag : tags) names.insert(tag.substr(0, tag.find(" (")));
    return names;
}

std::string take_any_tag(app::Options& options, const std::string& text) {
    options.tag = text;
    return {};
}

}  // namespace

TEST_SUITE("manual") {
    TEST_CASE("slotd(1) has every command with its options, and no other") {
        auto tags = tags_of(page("slotd.1", app::commands()));
        for (const app::CommandTable& command : app::commands()) {
            const auto own = tags.extract("slotd " + std::string(command.text));
            REQUIRE(own);
            CHECK(own.mapped() == tags_of(command.options));
        }
        Names common = tags_of(app::common_options());
        common.merge(tags_of({&app::help_option(), 1}));
        common.merge(tags_of({&app::version_option(), 1}));
        CHECK(tags["OPTIONS"] == common);
        for (const auto& [heading, unused] : tags) CHECK(heading.find("slotd ") != 0);
    }

    TEST_CASE("slotd(1) has every variable, exit code and signal, and no other") {
        auto tags = tags_of(page("slotd.1", app::commands()));
        CHECK(without_commands(tags["ENVIRONMENT"]) == names_of(app::environment()));
        CHECK(without_commands(tags["EXIT STATUS"]) == names_of(app::exit_codes()));
        CHECK(without_commands(tags["SIGNALS"]) == names_of(app::signals()));
        CHECK(tags["EXIT STATUS"].contains("2"));
        CHECK(tags["EXIT STATUS"].contains("10 (plan)"));
        CHECK(tags["EXAMPLES"].size() == app::examples().size());
    }

    TEST_CASE("slotd(1) has every code of a finding, and no other") {
        auto tags = tags_of(page("slotd.1", app::commands()));
        Names names;
        for (const app::CodeFact& code : app::codes()) {
            CHECK(code.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos);
            CHECK(names.emplace(code.name).second);
        }
        CHECK(tags["CODES OF FINDINGS"] == names);
    }

    TEST_CASE("slotd.toml(5) has every section and key of this version, and no other") {
        auto tags = tags_of(page("slotd.toml.5", app::commands()));
        for (const app::Section& section : app::sections()) {
            Names keys;
            const auto add = [&](const auto& table) {
                for (const auto& key : table)
                    if (key.table == section.table)
                        keys.emplace(key.name);
            };
            add(app::config_keys());
            add(app::backend_keys());
            add(app::file_keys());
            CAPTURE(section.name);
            const auto own = tags.extract("[" + std::string(section.name) + "]");
            CHECK(own.empty() == keys.empty());
            // [defaults] names the section that has its keys.
            if (!own.empty() && section.name != "defaults")
                CHECK(own.mapped() == keys);
        }
        for (const auto& [heading, unused] : tags) CHECK(heading.find('[') == std::string::npos);
    }

    TEST_CASE(
        "slotd.toml(5) says what a key takes in the parser's words, its default and an example") {
        const std::string text = page("slotd.toml.5", app::commands());
        const auto at = text.find("\\fB\\%drain\\fR\n");
        REQUIRE(at != std::string::npos);
        CHECK(shown(text.substr(at))
                  .starts_with("drain\nhow long a leaving instance keeps its open connections; "
                               "\"0s\": not at all\n.br\n"
                               "Value: a time from \"0s\" to \"168h\". Default: \"30s\".\n"));
        CHECK(shown(text).find(
                  "Value: a list of strings that are not empty. Example: [\"prod\"].\n") !=
              std::string::npos);
    }

    TEST_CASE("what roff would take for its own is escaped, and lines stay short") {
        static constexpr std::array options{
            app::Option{"--a-b", "X", true, "'first' `it's C:\\dir ~x^y`, then", &take_any_tag},
            app::Option{"TAG", "TAG", false, ".hidden", &take_any_tag, {}, true},
        };
        static constexpr std::array table{app::CommandTable{
            app::CommandName::slots, "show", "show it", options, false,
            "first paragraph that is longer than a line of the source should ever be, so it goes "
            "on in the next\n\nsecond paragraph"}};
        const std::string text = page("slotd.1", table);
        for (const auto* expected : {
                 "[\\fB\\%\\-\\-a\\-b\\fR\\~\\fI\\%X\\fR]... [\\fI\\%TAG\\fR]\n.YS\n",
                 ".TP\n\\fB\\%\\-\\-a\\-b\\fR \\fI\\%X\\fR\n",
                 "\\&'first' \\fB\\%it\\(aqs \\%C:\\edir \\%\\(tix\\(hay\\fR, then\n",
                 ".TP\n\\fI\\%TAG\\fR\n\\&.hidden\n",
                 ".SS slotd show\nShow it.\n.PP\nfirst paragraph that is longer than a line of the "
                 "source "
                 "should ever be, so it\ngoes on in the next\n",
                 "\n.PP\nsecond paragraph\n",
             })
            CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
    }

    TEST_CASE("the example configuration is taken") {
        const auto reading = app::parse_config(app::example_configuration(), "x");
        for (const model::Error& error : reading.errors) FAIL_CHECK(to_string(error));
        CHECK(page("slotd.toml.5", app::commands()).find("state_file = \"/var") !=
              std::string::npos);
    }
}
