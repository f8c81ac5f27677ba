// SPDX-License-Identifier: MIT
#include "slotd/sync/record.hpp"

#include "support/fake_source.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

sync::Event event(const std::string& text) {
    sync::Event made;
    made.text = text;
    return made;
}

std::vector<std::string> texts(const std::vector<sync::Event>& events) {
    std::vector<std::string> made;
    for (const sync::Event& one : events) made.push_back(one.text);
    return made;
}

}  // namespace

TEST_SUITE("record") {
    TEST_CASE("events are numbered, and the oldest go first") {
        sync::Events events(3);
        CHECK(events.last() == 0);
        for (const char* text : {"a", "b", "c", "d"}) events.add(event(text));
        CHECK(events.last() == 4);
        CHECK(texts(events.since(0, 10)) == std::vector<std::string>{"b", "c", "d"});
        CHECK(events.since(0, 10).front().number == 2);
        CHECK(texts(events.since(3, 10)) == std::vector<std::string>{"d"});
        CHECK(texts(events.since(0, 2)) == std::vector<std::string>{"c", "d"});
        CHECK(events.since(4, 10).empty());
        CHECK(events.since(99, 10).empty());
    }

    TEST_CASE("a listener is told while it lives") {
        sync::Events events;
        int one = 0;
        int two = 0;
        const auto first = events.listen([&] { ++one; });
        {
            const auto second = events.listen([&] { ++two; });
            events.add(event("a"));
        }
        events.add(event("b"));
        CHECK(one == 2);
        CHECK(two == 1);
    }

    TEST_CASE("a histogram counts what took at most so long") {
        sync::Histogram histogram;
        for (const double seconds : {0.0001, 0.001, 0.02, 60.0}) histogram.observe(seconds);
        CHECK(histogram.count() == 4);
        CHECK(histogram.sum() == doctest::Approx(60.0211));
        CHECK(histogram.at_most(0) == 1);
        CHECK(histogram.at_most(1) == 2);
        CHECK(histogram.at_most(4) == 2);
        CHECK(histogram.at_most(5) == 3);
        CHECK(histogram.at_most(sync::Histogram::bounds.size() - 1) == 3);
    }

    TEST_CASE("requests are counted by what became of them") {
        asio::io_context io;
        sync::Metrics metrics;
        const auto fake = std::make_shared<FakeSource>(io.get_executor());
        const auto source = sync::counted(fake, metrics);
        fake->say(catalog::Heard(instances({"a 10.0.0.1:80"})));
        fake->say(catalog::Heard(model::Unknown(model::Doubt::unreachable, "refused")));
        catalog::Heard streamed(model::Unknown(model::Doubt::no_leader, "none"));
        streamed.ask_anew = true;
        fake->say(streamed);
        int announced = 0;
        for (int i = 0; i < 3; ++i)
            result_of(io, source->ask(catalog::Query(), std::nullopt, [&] { ++announced; }));
        CHECK(announced == 3);
        CHECK(metrics.consul_requests ==
              std::map<std::string, std::uint64_t>{{"consul-unreachable", 1}, {"ok", 2}});
        CHECK_FALSE(source->has_no_acls());
        fake->no_acls = true;
        CHECK(source->has_no_acls());
    }
}
