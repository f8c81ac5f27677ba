// SPDX-License-Identifier: MIT
#include "slotd/file/diff.hpp"

#include "support/random.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace slotd::file;
using namespace slotd::testing;

namespace {

std::string diff(const std::string& before, const std::string& after) {
    return unified_diff(before, after, "a", "b", Colour::no);
}

std::string lines(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
    return text;
}

/// What `patch` would make of `before`; all lines end in a newline.
std::string patched(const std::string& before, const std::string& diff) {
    std::istringstream old(before);
    std::istringstream changes(diff);
    std::string out;
    std::string line;
    std::string change;
    std::size_t at = 0;
    const auto take = [&] {
        REQUIRE(std::getline(old, line));
        ++at;
    };
    while (std::getline(changes, change)) {
        const std::string rest = change.substr(1);
        if (change.starts_with("@@")) {
            std::size_t first = std::stoul(change.substr(4));
            // "-N,0": after line N.
            first += change.substr(4, change.find(' ', 4) - 4).ends_with(",0") ? 1 : 0;
            while (at + 1 < first) {
                take();
                out += line + "\n";
            }
        } else if (change.starts_with("+") && !change.starts_with("+++")) {
            out += rest + "\n";
        } else if (!change.starts_with("---") && !change.starts_with("+++")) {
            take();
            CHECK(line == rest);
            out += change[0] == ' ' ? line + "\n" : "";
        }
    }
    while (std::getline(old, line)) out += line + "\n";
    return out;
}

}  // namespace

TEST_SUITE("diff") {
    TEST_CASE("equal texts have none") {
        CHECK(diff("a\nb\n", "a\nb\n").empty());
        CHECK(diff("", "").empty());
    }

    TEST_CASE("it reads as that of `diff -u`") {
        CHECK(diff("a\nb\nc\n", "a\nx\nc\nd\n") ==
              "--- a\n+++ b\n@@ -1,3 +1,4 @@\n a\n-b\n+x\n c\n+d\n");
        CHECK(diff("", "a\n") == "--- a\n+++ b\n@@ -0,0 +1 @@\n+a\n");
        CHECK(diff("a\n", "") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n");
        CHECK(diff("a", "a\n") ==
              "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    }

    TEST_CASE("changes that are far apart are hunks of their own") {
        CHECK(diff(lines(1, 20), "0\n" + lines(1, 19) + "x\n") ==
              "--- a\n+++ b\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n"
              "@@ -17,4 +18,4 @@\n 17\n 18\n 19\n-20\n+x\n");
        CHECK(diff(lines(1, 8), "0\n" + lines(1, 6) + "8\n") ==
              "--- a\n+++ b\n@@ -1,8 +1,8 @@\n+0\n 1\n 2\n 3\n 4\n 5\n 6\n-7\n 8\n");
    }

    TEST_CASE("in colours, for a terminal") {
        CHECK(unified_diff("a\nb\n", "a\nc\n", "a", "b", Colour::yes) ==
              "\033[1m--- a\033[m\n\033[1m+++ b\033[m\n\033[36m@@ -1,2 +1,2 @@\033[m\n a\n"
              "\033[31m-b\033[m\n\033[32m+c\033[m\n");
    }

    // The shortest way between these would take 50 GB.
    TEST_CASE("texts with nothing in common, however long, are told in little memory") {
        std::string before;
        std::string after;
        for (int i = 0; i < 30'000; ++i) {
            before += "a" + std::to_string(i) + "\n";
            after += "b" + std::to_string(i) + "\n";
        }
        CHECK(diff(before, after).size() > before.size() + after.size());
    }

    TEST_CASE("patched with it, the first text becomes the second") {
        for (std::uint64_t seed = first_seed(), last = seed + 500; seed < last; ++seed) {
            CAPTURE(seed);
            Random random(seed);
            std::string texts[2];
            for (std::string& text : texts)
                for (auto left = random.number(20); left > 0; --left)
                    text += std::string(1, static_cast<char>('a' + random.number(4))) + "\n";
            CAPTURE(texts[0]);
            CAPTURE(texts[1]);
            const std::string made = diff(texts[0], texts[1]);
            CHECK(made.empty() == (texts[0] == texts[1]));
            CHECK(patched(texts[0], made) == texts[1]);
        }
    }
}
