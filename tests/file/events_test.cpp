// SPDX-License-Identifier: MIT
// What is told of the file, besides the log.
#include "keeping.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;

TEST_SUITE("file events") {
    TEST_CASE("a version that is written") {
        Kept k;
        k.wait([&] { return k.standing().version == 1; });
        CHECK(k.happened() == Texts{"info 1: " + k.settings.output +
                                    ": version 1 (api, web came) is in place and loaded"});
        k.add("late");
        k.wait_file("api 3\nlate 3\nweb 3\n");
        k.wait([&] { return k.standing().version == 2; });
        CHECK(k.happened() == Texts{"info 2: " + k.settings.output +
                                    ": version 2 (late came) is in place and loaded"});
    }

    TEST_CASE("a check that failed") {
        Kept k;
        k.happened();
        k.control->refuses = "no certificate";
        k.add("late");
        k.wait([&] {
            k.rest();
            return k.control->checked.size() > 2;
        });
        CHECK(k.happened() ==
              Texts{"error 2: " + k.settings.output +
                    " stays as it is, HAProxy's check refuses version 2 (late came): no "
                    "certificate (`slotd history show 2` has it)"});
    }

    TEST_CASE("a reload that was rolled back") {
        Kept k;
        k.happened();
        k.control->fails_with = "api 3\nlate 3\nweb 3\n";
        k.add("late");
        k.wait([&] {
            k.rest();
            return k.standing().error == "no new worker";
        });
        CHECK(k.happened() ==
              Texts{"error 2: " + k.settings.output +
                    ": HAProxy did not come up with version 2 (late came), the version before it "
                    "is in place and loaded again: no new worker"});
    }

    TEST_CASE("a hand's edit") {
        Kept k;
        k.happened();
        spit(k.settings.output, "by hand");
        k.wait([&] { return k.standing().edited; });
        const Texts events = k.happened();
        REQUIRE(events.size() == 1);
        CHECK(events[0].starts_with("warn 2: " + k.settings.output +
                                    " was written by somebody else"));
    }

    TEST_CASE("a pin, and what commands put in place") {
        Kept k;
        k.add("late");
        k.wait_file("api 3\nlate 3\nweb 3\n");
        k.wait([&] { return k.standing().version == 2; });
        k.happened();
        sync::Log log(sync::LogLevel::off, sync::LogFormat::text);
        FakeControl control(k.settings);
        Publisher command(k.settings, control, log, [&] { return k.wall; });
        CHECK(result_of(k.io, command.roll_back(1))->came == Came::placed);
        k.wait([&] { return k.standing().pinned == 3U; });
        Texts events = k.happened();
        REQUIRE(events.size() == 1);
        CHECK(events[0].starts_with("info 3: " + k.settings.output + ": version 3 is pinned"));
        Wanted wanted("api 3\nlate 3\nweb 3\n", "by hand");
        wanted.unpin = true;
        CHECK(result_of(k.io, command.publish(wanted))->came == Came::placed);
        k.wait([&] { return k.standing().version == 4; });
        CHECK(k.happened() ==
              Texts{"info 4: " + k.settings.output + ": version 4 was put in place by a command"});
    }

    TEST_CASE("what Consul can't tell") {
        Kept k;
        k.happened();
        k.listing->set(model::Unknown(model::Doubt::unreachable, "nobody there"));
        k.wait([&] { return k.standing().doubt == "nobody there"; });
        CHECK(k.happened() == Texts{"warn 0: " + k.settings.output +
                                    ": Consul's services are not known, so its backends stay: "
                                    "nobody there"});
    }
}
