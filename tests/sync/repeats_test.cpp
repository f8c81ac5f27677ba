// SPDX-License-Identifier: MIT
#include "slotd/sync/repeats.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace std::chrono_literals;

namespace {

/// A failure each second from `began` on, for so long: what is said of it, with the second.
std::vector<std::string> said(sync::Repeats& repeats, model::Time began, std::chrono::seconds lasts,
                              const std::string& text = "no answer") {
    std::vector<std::string> lines;
    for (auto second = 0s; second < lasts; ++second)
        if (const auto line = repeats.line(text, began + second))
            lines.push_back(std::to_string(second.count()) + ": " + *line);
    return lines;
}

const model::Time start{1h};

}  // namespace

TEST_SUITE("repeats") {
    TEST_CASE("what lasts is said at once, and at growing intervals with how often") {
        sync::Repeats repeats;
        CHECK(said(repeats, start, 3h) ==
              std::vector<std::string>{"0: no answer", "60: no answer (60 times in 60 s)",
                                       "660: no answer (600 times in 600 s)",
                                       "4260: no answer (3600 times in 3600 s)",
                                       "7860: no answer (3600 times in 3600 s)"});
        const auto over = repeats.over(start + 3h);
        REQUIRE(over);
        CHECK(over->tries == 10800);
        CHECK(over->text == "after 10800 tries in 10800 s");
    }

    TEST_CASE("one try is one, and where nothing went wrong nothing is over") {
        sync::Repeats repeats;
        CHECK_FALSE(repeats.over(start));
        said(repeats, start, 1s);
        CHECK(repeats.over(start + 2s)->text == "after 1 try in 2 s");
        CHECK_FALSE(repeats.over(start + 3s));
    }

    TEST_CASE("each text is said by itself") {
        sync::Repeats repeats;
        CHECK(repeats.line("a", start) == "a");
        CHECK(repeats.line("b", start) == "b");
        CHECK_FALSE(repeats.line("a", start + 1s));
        CHECK_FALSE(repeats.line("b", start + 1s));
    }

    TEST_CASE("what comes and goes is said three times, then once a minute") {
        sync::Repeats repeats;
        std::vector<std::string> lines;
        std::size_t ends = 0;
        for (auto second = 0s; second < 130s; second += 2s) {
            for (const std::string& line : said(repeats, start + second, 1s))
                lines.push_back(std::to_string(second.count()) + line.substr(1));
            ends += repeats.over(start + second + 1s) ? 1 : 0;
        }
        CHECK(lines == std::vector<std::string>{"0: no answer", "2: no answer", "4: no answer",
                                                "64: no answer (30 times in 60 s)",
                                                "124: no answer (30 times in 60 s)"});
        CHECK(ends == lines.size());
    }

    TEST_CASE("what was away for a minute is news, and an outage after that is a long one again") {
        sync::Repeats repeats;
        said(repeats, start, 700s);
        repeats.over(start + 700s);
        repeats.over(start + 800s);
        CHECK(said(repeats, start + 900s, 70s) ==
              std::vector<std::string>{"0: no answer", "60: no answer (60 times in 60 s)"});
    }

    TEST_CASE("texts that are never the same are no flood") {
        sync::Repeats repeats;
        std::size_t lines = 0;
        for (int number = 0; number < 1000; ++number)
            lines += repeats.line("port " + std::to_string(number), start) ? 1 : 0;
        CHECK(lines < 10);
        CHECK(repeats.line("port 1000", start + 1min) == "port 1000 (992 times in 60 s)");
    }
}
