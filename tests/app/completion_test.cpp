// SPDX-License-Identifier: MIT
// What today's commands don't need of the shells' completions; tests/cli presses keys for the rest.
#include "slotd/app/documents.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

using namespace slotd;

namespace {

std::string take(app::Options&, const std::string&) {
    return {};
}

constexpr std::array<std::string_view, 2> actions{"show", "diff"};
constexpr std::array options{
    app::Option{"ACTION", "ACTION", false, "what is wanted", &take, actions},
    app::Option{"FILE", "FILE", false, "of which", &take, {}, true},
    app::Option{"-x,--ex", "A:B", false, "it's [so]: a\\b", &take},
};
constexpr std::array table{
    app::CommandTable{app::CommandName::slots, "history", "list: 'all'", options, false}};

bool says(std::string_view document, std::string_view text) {
    for (const app::Document& one : app::documents())
        if (one.name == document)
            return one.make(table).find(text) != std::string::npos;
    return false;
}

}  // namespace

TEST_SUITE("completion") {
    TEST_CASE("what is known by its place is completed there") {
        CHECK(says("slotd",
                   "\n        'history 0') values='show diff' ;;\n"
                   "        'history 1') values='/' ;;\n"));
        CHECK(says("_slotd", " '1:ACTION:(show diff)' "));
        CHECK(says("_slotd", " '2::FILE:_files' "));
        CHECK(says("slotd.fish",
                   "complete -c slotd -n '__slotd_in history' -a 'show diff' -d "
                   "'what is wanted'\n"));
        CHECK(says("slotd.fish", "complete -c slotd -n '__slotd_in history' -F -d 'of which'\n"));
    }

    TEST_CASE("what a shell would take for its own is escaped") {
        CHECK(says("slotd", " 'history -x' | 'history --ex') values='' ;;\n"));
        CHECK(says("_slotd", " '(-x --ex)-x[it'\\''s \\[so\\]: a\\\\b]:A\\:B: ' "));
        CHECK(says("_slotd", " '(-x --ex)--ex=[it'\\''s "));
        CHECK(says("_slotd", " 'history:list\\: '\\''all'\\'''\n"));
        CHECK(says("slotd.fish", " -x -d 'it\\'s [so]: a\\\\b'\n"));
    }
}
