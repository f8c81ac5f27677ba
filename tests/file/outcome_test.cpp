// SPDX-License-Identifier: MIT
#include "keeping.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using namespace std::chrono_literals;

// What becomes of the file, and of what others do to it.
TEST_SUITE("outcome") {
    TEST_CASE("what the check refuses is said once, and tried again") {
        Kept k;
        k.control->refuses = "no certificate";
        k.add("late");
        k.wait([&] {
            k.rest();
            return k.control->checked.size() > 2;
        });
        CHECK(k.file() == "api 3\nweb 3\n");
        CHECK(k.said("HAProxy's check refuses version 2 (late came): no certificate") == 1);
        CHECK(k.standing().error == "no certificate");
        k.control->refuses.clear();
        k.wait_file("api 3\nlate 3\nweb 3\n");
        k.wait([&] { return k.standing().error.empty(); });
    }

    TEST_CASE("the process that HAProxy's message is of makes it no news") {
        Kept k;
        k.control->refuses = "[ALERT] (4711) : no certificate";
        k.add("late");
        k.wait([&] {
            k.rest();
            k.control->refuses =
                "[ALERT] (" + std::to_string(k.control->checked.size()) + ") : no certificate";
            return k.control->checked.size() > 2;
        });
        CHECK(k.said("HAProxy's check refuses version 2") == 1);
    }

    TEST_CASE("what HAProxy does not come up with is rolled back and not tried again") {
        Kept k;
        k.control->fails_with = "api 3\nlate 3\nweb 3\n";
        k.add("late");
        k.wait([&] {
            k.rest();
            return k.loaded().size() == 3;
        });
        CHECK(k.file() == "api 3\nweb 3\n");
        k.wait_log(
            "HAProxy did not come up with version 2 (late came), the version before it is in "
            "place and loaded again: no new worker");
        for (int n = 0; n < 5; ++n) {
            k.rest();
            k.turn();
        }
        CHECK(k.loaded().size() == 3);
        CHECK(k.standing().error == "no new worker");
        k.add("more");
        k.wait_file("api 3\nlate 3\nmore 3\nweb 3\n");
        k.wait_log("version 3 (late, more came)");
    }

    TEST_CASE("an edited file is said at once, left alone, and followed when that ends") {
        Kept k;
        spit(k.settings.output, "by hand");
        k.wait_log("was written by somebody else, which is kept as version 2 and left alone");
        CHECK(k.standing().edited);
        k.add("late");
        k.rest();
        k.turn();
        CHECK(k.file() == "by hand");
        CHECK(k.said("somebody else") == 1);
        // As `slotd render --force` does.
        Wanted wanted("api 3\nlate 3\nweb 3\n", "by hand");
        wanted.force = true;
        sync::Log log(sync::LogLevel::off, sync::LogFormat::text);
        FakeControl control(k.settings);
        Publisher other(k.settings, control, log, [&] { return k.wall; });
        CHECK(result_of(k.io, other.publish(wanted))->came == Came::placed);
        k.wait([&] { return !k.standing().edited; });
        k.add("more");
        k.wait_file("api 3\nlate 3\nmore 3\nweb 3\n");
    }

    TEST_CASE("a pin holds until it is taken out") {
        Kept k;
        k.add("late");
        k.wait_file("api 3\nlate 3\nweb 3\n");
        sync::Log log(sync::LogLevel::off, sync::LogFormat::text);
        FakeControl control(k.settings);
        Publisher other(k.settings, control, log, [&] { return k.wall; });
        CHECK(result_of(k.io, other.roll_back(std::nullopt))->came == Came::placed);
        k.wait([&] { return k.standing().pinned == 3U; });
        k.add("more");
        k.rest();
        k.turn();
        CHECK(k.file() == "api 3\nweb 3\n");
        CHECK(k.said("is pinned since `slotd rollback`") == 1);
        k.stop();
        k.start();
        k.wait([&] {
            k.rest();
            return k.standing().pinned == 3U;
        });
        Wanted wanted("api 3\nlate 3\nmore 3\nweb 3\n", "by hand");
        wanted.unpin = true;
        CHECK(result_of(k.io, other.publish(wanted))->came == Came::placed);
        k.wait([&] { return !k.standing().pinned; });
        k.add("most");
        k.wait_file("api 3\nlate 3\nmore 3\nmost 3\nweb 3\n");
    }

    TEST_CASE("without an HAProxy the file is written, and good once one is up") {
        Keeping k;
        k.add("web");
        k.start();
        k.control->up = false;
        k.wait_file("web 3\n");
        k.wait_log("no HAProxy answers that could load it");
        k.control->up = true;
        k.wait_log("haproxy.cfg is up to date");
        CHECK(k.said("no HAProxy answers") == 1);
    }

    TEST_CASE("it goes on where a killed slotd was stopped") {
        Kept k;
        k.stop();
        // Renamed over, not yet loaded.
        auto history = History::open(k.settings.folder, 50);
        REQUIRE(history);
        REQUIRE(history->add("api 3\nlate 3\nweb 3\n", Grade::fresh, "late came", k.wall));
        spit(k.settings.output, "api 3\nlate 3\nweb 3\n");
        k.add("late");
        k.start();
        k.wait_log("version 2 is in place and loaded");
        CHECK(k.loaded() == Texts{"api 3\nlate 3\nweb 3\n"});
        k.rest();
        k.turn();
        CHECK(k.loaded().size() == 1);
    }
}
