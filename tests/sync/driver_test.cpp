// SPDX-License-Identifier: MIT
#include "slotd/sync/driver.hpp"

#include "serving.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

TEST_SUITE("driver") {
    TEST_CASE("what it finds and what it does is told in a line each") {
        Serving daemon;
        CHECK(daemon.log() == Lines{"info  HAProxy 2.6.12-1+deb12u4, pid 4711 on /run/h.sock",
                                    "info  web: 2 slots follow the service web", filled_a});
        CHECK(daemon.shown() == Lines{"s1 ready 10.0.0.1:80", "s2 maint 127.0.0.1:1"});
    }

    TEST_CASE("nothing to do, nothing sent and nothing said") {
        Serving daemon;
        const Lines said = daemon.log();
        const Lines sent = daemon.runtime->sent;
        daemon.wait_reads(5);
        CHECK(daemon.log() == said);
        CHECK(daemon.runtime->sent == sent);
        CHECK(daemon.runtime->asked.empty());
    }

    TEST_CASE("it follows Consul's changes") {
        Serving daemon;
        daemon.list({"a 10.0.0.1:80 weight 7", b});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        daemon.wait_log("info  web/s1 weight 7 at 10.0.0.1:80: a on n1 has weight 7, its slot 1");
        CHECK(daemon.shown() == Lines{"s1 ready 10.0.0.1:80 weight 7", "s2 ready 10.0.0.2:80"});
    }

    TEST_CASE("HAProxy is looked at while an answer is still on its way") {
        Serving daemon;
        daemon.runtime->expected.clear();
        daemon.runtime->is_ready = false;
        daemon.list({a, b});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        CHECK(daemon.runtime->expected == Lines{"web"});
        daemon.wait([&] { return daemon.runtime->is_ready; });
        REQUIRE(daemon.pauses.pause("web", std::nullopt));
        daemon.list({a});
        daemon.wait([&] { return !daemon.status().backends.at(0).would.empty(); });
        CHECK(daemon.runtime->expected == Lines{"web"});
    }

    TEST_CASE("an answer is followed at once, not with the next look") {
        Daemon daemon;
        daemon.settings.poll = 1h;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.list({a});
        daemon.start();
        daemon.wait_log(filled_a);
        daemon.list({a, b});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
    }

    TEST_CASE("HAProxy 3.0's late addresses are awaited before a slot serves") {
        Daemon daemon(FakeVersion::v3_0);
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.haproxy.late_reads = 2;
        daemon.list({a, b});
        daemon.start();
        daemon.wait_shown({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80"});
        CHECK(daemon.haproxy.violations.empty());
        CHECK(daemon.lines_of("warn").empty());
    }

    TEST_CASE("after a reload the slots are filled again") {
        Serving daemon;
        daemon.haproxy.reload();
        daemon.wait_log(
            "info  HAProxy was reloaded or restarted: 2.6.12-1+deb12u4, pid 4712 on /run/h.sock");
        daemon.wait_shown({"s1 ready 10.0.0.1:80", "s2 maint 127.0.0.1:1"});
    }

    TEST_CASE("a reload is noticed by the poll when there are too many servers to read each time") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        // Read every 22 s, which is longer than the test waits.
        daemon.haproxy.add_slots("many", 11'000, "elsewhere.invalid");
        daemon.list({a});
        daemon.start();
        daemon.wait_log(filled_a);
        daemon.haproxy.reload();
        daemon.wait_shown({"s1 ready 10.0.0.1:80"});
    }

    TEST_CASE("someone else's change is put right, with its reason") {
        Serving daemon;
        daemon.haproxy.run("set server web/s1 state maint");
        daemon.wait_log(
            "info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 is to serve, but its slot was in "
            "maint");
        daemon.haproxy.run("set server web/s1 weight 9");
        daemon.wait_log("info  web/s1 weight 1 at 10.0.0.1:80: a on n1 has weight 1, its slot 9");
    }

    TEST_CASE("a drain ends when the last session ended") {
        Serving daemon;
        daemon.settings.poll = 1h;
        daemon.haproxy.server("web/s1").sessions = 2;
        daemon.list({b});
        daemon.wait_log("info  web/s1 drain at 10.0.0.1:80: a on n1 is no longer listed by Consul");
        const std::size_t asked = daemon.runtime->asked.size();
        daemon.wait([&] { return daemon.runtime->asked.size() >= asked + 3; });
        CHECK(daemon.haproxy.server("web/s1").drain);
        daemon.haproxy.server("web/s1").sessions = 0;
        daemon.wait_log(
            "info  web/s1 maint at 10.0.0.1:80: a on n1 is no longer listed by Consul; no session "
            "is left on it");
        CHECK(daemon.lines_of("warn").empty());
    }

    TEST_CASE("a drain waits for the requests in its queue alone") {
        Serving daemon;
        daemon.haproxy.server("web/s1").queue = 1;
        daemon.list({b});
        daemon.wait_log("info  web/s1 drain at 10.0.0.1:80: a on n1 is no longer listed by Consul");
        const std::size_t asked = daemon.runtime->asked.size();
        daemon.wait([&] { return daemon.runtime->asked.size() >= asked + 3; });
        CHECK(daemon.haproxy.server("web/s1").drain);
        daemon.haproxy.server("web/s1").queue = 0;
        daemon.wait_log(
            "info  web/s1 maint at 10.0.0.1:80: a on n1 is no longer listed by Consul; no session "
            "is left on it");
    }

    TEST_CASE("a drain ends when its time is over, though sessions go on") {
        Serving daemon;
        daemon.haproxy.server("web/s1").sessions = 2;
        daemon.list({b});
        daemon.wait_log("info  web/s1 drain at 10.0.0.1:80: a on n1 is no longer listed by Consul");
        daemon.later += 29s;
        daemon.wait_reads(3);
        CHECK(daemon.haproxy.server("web/s1").drain);
        daemon.later += 1s;
        daemon.wait_log(
            "info  web/s1 maint at 10.0.0.1:80: a on n1 is no longer listed by Consul; its time to "
            "drain (30s) is over with 2 sessions left");
    }

    TEST_CASE("instances beyond the slots wait by name, and take the next free slot") {
        Serving daemon;
        daemon.list({a, b, "c 10.0.0.3:80", "d 10.0.0.4:80"});
        daemon.wait_log(
            "warn  web: 2 instances wait for a slot: c on n1, d on n1 (add slots to the backend's "
            "server-template)");
        daemon.list({b, "c 10.0.0.3:80"});
        daemon.wait_log("info  web/s1 ready at 10.0.0.3:80, weight 1: c on n1 takes a free slot");
        daemon.wait_log("info  web: no instance waits for a slot any more");
        CHECK(daemon.lines_of("warn").size() == 2);
    }

    TEST_CASE("slots that all work for one query are asked of Consul once") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.haproxy.add_slots("other", 1, "web.service.slots.invalid");
        daemon.list({a});
        daemon.start();
        daemon.wait_log("info  other/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot");
        daemon.wait_log(filled_a);
        daemon.wait([&] { return daemon.consul->asked.size() >= 2; });
        daemon.wait_reads(5);
        CHECK(daemon.consul->asked.size() == 2);
    }
}
