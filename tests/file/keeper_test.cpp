// SPDX-License-Identifier: MIT
#include "slotd/file/keeper.hpp"

#include "keeping.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

/// With web and api in place.
struct Kept : Keeping {
    Kept() {
        add("web");
        add("api");
        start();
        wait_file("api 3\nweb 3\n");
    }
};

}  // namespace

// What turns the loop in real time is kept small: slotd's own clock stands still.
TEST_SUITE("keeper") {
    TEST_CASE("services that appear at once make one reload, with the reason") {
        Keeping k;
        k.add("web");
        k.add("api", {{"slotd-slots", "7"}});
        k.add("old");
        k.start();
        k.wait_file("api 7\nold 3\nweb 3\n");
        CHECK(k.loaded() == Texts{"api 7\nold 3\nweb 3\n"});
        k.wait_log("haproxy.cfg: version 1 (api, old, web came) is in place and loaded");
        CHECK(k.standing().backends == 3);
        CHECK(k.standing().version == 1);
        CHECK(k.standing().placed);
        CHECK(k.standing().error.empty());
    }

    TEST_CASE("an instance that comes or goes touches nothing") {
        Kept k;
        k.consul->set("web", instances({"a 10.0.0.1:80", "b 10.0.0.2:80"}));
        k.rest();
        k.turn();
        k.consul->set("web", instances({}));
        k.rest();
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.control->checked.size() == 1);
    }

    TEST_CASE("it waits for quiet, and between reloads") {
        Kept k;
        k.tick(1h);
        k.add("b");
        k.turn();
        CHECK(k.loaded().size() == 1);
        k.tick(900ms);
        k.add("c");
        k.turn();
        k.tick(900ms);
        k.turn();
        CHECK(k.loaded().size() == 1);
        k.tick(100ms);
        k.wait([&] { return k.loaded().size() == 2; });
        CHECK(k.loaded().back() == "api 3\nb 3\nc 3\nweb 3\n");
        k.wait([&] { return k.standing().version == 2; });

        k.add("d");
        k.turn();
        k.tick(4900ms);
        k.turn();
        CHECK(k.loaded().size() == 2);
        k.tick(100ms);
        k.wait([&] { return k.loaded().size() == 3; });
    }

    TEST_CASE("what never comes to rest is not put off for ever") {
        Kept k;
        k.tick(1h);
        for (int n = 0; n < 8; ++n) {
            k.add("s" + std::to_string(n));
            k.turn();
            CHECK(k.loaded().size() == (n < 7 ? 1 : 2));
            k.tick(800ms);
        }
    }

    TEST_CASE("the template is followed") {
        Kept k;
        spit(k.folder / "next", "new\n{{#backends}}{{name}}\n{{/backends}}");
        std::filesystem::rename(k.folder / "next", k.settings.template_path);
        k.wait_file("new\napi\nweb\n");
        k.wait_log("version 2 (the template changed) is in place and loaded");
    }

    TEST_CASE("a template that is none is said once and the file stays") {
        Kept k;
        spit(k.settings.template_path, "{{nmae}}");
        k.wait_log("there is no \"nmae\" here");
        k.add("late");
        k.rest();
        k.turn();
        CHECK(k.file() == "api 3\nweb 3\n");
        CHECK(k.said("nmae") == 1);
        CHECK(k.standing().doubt.find("nmae") != std::string::npos);
        spit(k.folder / "next", "{{#backends}}{{name}}\n{{/backends}}");
        std::filesystem::rename(k.folder / "next", k.settings.template_path);
        k.wait_file("api\nlate\nweb\n");
        k.wait([&] { return k.standing().doubt.empty(); });
    }

    TEST_CASE("a backend lingers, and goes when Consul confirms it") {
        Kept k;
        k.remove("web");
        k.wait_log("the service web is gone; its backend stays for 600 s");
        k.tick(9min);
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.standing().lingering == 1);
        k.wait_file("api 3\n");
        k.wait_log("version 2 (web went) is in place and loaded");
    }

    TEST_CASE("one that comes back in time touches nothing") {
        Kept k;
        k.remove("web");
        k.wait_log("the service web is gone");
        k.tick(9min);
        k.add("web");
        k.wait_log("the service web is back");
        k.tick(9min);
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.standing().lingering == 0);
    }

    TEST_CASE("what Consul can't tell removes nothing") {
        Kept k;
        k.listing->set(model::Unknown(model::Doubt::unreachable, "nobody there"));
        k.wait_log("Consul's services are not known, so its backends stay: nobody there");
        k.tick(24h);
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.standing().lingering == 0);
        CHECK(k.standing().doubt == "nobody there");
        k.add("late");
        k.wait_file("api 3\nlate 3\nweb 3\n");
        k.wait([&] { return k.standing().doubt.empty(); });
    }

    TEST_CASE("what the token may not read may still be there") {
        Kept k;
        k.consul->readable = catalog::Readable::no;
        k.remove("web");
        k.wait_log("the service web is gone");
        k.tick(20min);
        k.wait_log("service web: Consul does not list it, but to this token it may be hidden");
        for (int n = 0; n < 5; ++n) {
            k.rest();
            k.turn();
        }
        CHECK(k.file() == "api 3\nweb 3\n");
        CHECK(k.said("may be hidden") == 1);
        k.consul->readable = catalog::Readable::cannot_tell;
        k.wait_file("api 3\n");
    }

    TEST_CASE("backends linger over a restart of slotd too") {
        Kept k;
        k.remove("web");
        k.wait_log("the service web is gone");
        k.stop();
        k.tick(1min);
        k.remove("api");
        k.start();
        k.wait_log("the service api is gone");
        k.turn();
        CHECK(k.loaded().empty());
        k.tick(8min);
        k.turn();
        CHECK(k.file() == "api 3\nweb 3\n");
        k.tick(1min);
        k.wait([&] {
            k.tick(1s);
            return k.file() == "api 3\n";
        });
    }

    TEST_CASE("nothing is rendered before Consul was heard for the first time") {
        Keeping k;
        k.start();
        k.rest();
        k.turn();
        CHECK(k.control->checked.empty());
        k.listing->set(k.services);
        k.wait([&] {
            k.rest();
            return k.standing().version == 1;
        });
        CHECK(k.file().empty());
    }

    TEST_CASE("later the backends of before serve until Consul is heard") {
        Kept k;
        k.stop();
        k.listing = std::make_shared<FakeListing>(k.io.get_executor());
        spit(k.settings.template_path, "{{#backends}}{{name}}\n{{/backends}}");
        k.start();
        k.wait_file("api\nweb\n");
        k.services.clear();
        k.add("web");
        k.add("late");
        k.wait_file("api\nlate\nweb\n");
    }

    TEST_CASE("a service that Consul says nothing about holds up the others only for a while") {
        Keeping k;
        k.services["mute"];
        k.add("web");
        k.start();
        k.turn();
        k.tick(14s);
        k.turn();
        CHECK(k.loaded().empty());
        k.wait_file("web 3\n");
        k.set_meta("mute", {});
        k.wait_file("mute 3\nweb 3\n");
    }

    TEST_CASE("a service whose name can't be in the file is named once") {
        Kept k;
        k.add("a b");
        k.wait_log("service a b: ");
        k.add("c");
        k.wait_file("api 3\nc 3\nweb 3\n");
        CHECK(k.said("service a b: ") == 1);
    }

    TEST_CASE("a number of slots that is none is named, and the usual one taken") {
        Kept k;
        k.set_meta("web", {{"slotd-slots", "0"}});
        k.wait_log("service web: meta slotd-slots = \"0\" is no number from 1 to 10000");
        k.set_meta("web", {{"slotd-slots", "9"}});
        k.wait_file("api 3\nweb 9\n");
    }

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

    TEST_CASE("the lines of a key are followed, and a value that is none changes nothing") {
        Keeping k;
        k.settings.keys = {{"List", "lb/list"}};
        spit(k.settings.template_path, "{{lines.List}}\n");
        k.add("web");
        k.start();
        k.rest();
        k.turn();
        CHECK(k.loaded().empty());
        k.listing->set_key("lb/list", "server a 10.0.0.1:80");
        k.wait_file("server a 10.0.0.1:80\n");
        k.listing->set_key("lb/list", "server a 10.0.0.1:80\nbackend evil");
        k.wait_log("the lines of the key lb/list are not taken, those before stay: line 2");
        k.rest();
        k.turn();
        CHECK(k.file() == "server a 10.0.0.1:80\n");
        CHECK_FALSE(k.standing().doubt.empty());
        k.listing->set_key("lb/list", "server b 10.0.0.2:80");
        k.wait_file("server b 10.0.0.2:80\n");
        k.wait_log("version 2 (the lines of a key changed)");
        k.wait([&] { return k.standing().doubt.empty(); });
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
