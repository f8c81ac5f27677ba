// SPDX-License-Identifier: MIT
#include "slotd/sync/driver.hpp"

#include "support/daemon.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

const std::string filled_a =
    "info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot";

/// With two slots, and a on the first.
struct Serving : Daemon {
    explicit Serving(FakeVersion version = FakeVersion::v2_6) : Daemon(version) {
        haproxy.add_slots("web", 2, "web.service.slots.invalid");
        haproxy.add_server("web", "fixed", "127.0.0.9", 8080);
        haproxy.tick(1h);
        list({a});
        start();
        wait_log(filled_a);
    }
    ~Serving() { CHECK(haproxy.violations.empty()); }
};

}  // namespace

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
        daemon.list({a, b});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        CHECK(daemon.runtime->expected == Lines{"web"});
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

TEST_SUITE("driver in trouble") {
    TEST_CASE("a doubt holds the backend: what is live stays, and comes back after a reload") {
        Serving daemon;
        daemon.consul->set("web", model::Unknown(model::Doubt::no_leader, "no leader is known"));
        daemon.wait_log("warn  web: held, what is live stays (no-leader): no leader is known");
        daemon.haproxy.reload();
        daemon.wait_shown({"s1 ready 10.0.0.1:80", "s2 maint 127.0.0.1:1"});
        daemon.list({b});
        daemon.wait_log("info  web: no longer held (no-leader), after 0 s and 1 try");
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        CHECK(daemon.lines_of("warn").size() == 1);
    }

    TEST_CASE("a service whose last instance vanished is held too") {
        Serving daemon;
        daemon.list({});
        daemon.wait_log(
            "warn  web: held, what is live stays (empty): Consul lists no instance; on_empty = "
            "\"apply\" would empty the backend");
        CHECK(daemon.shown() == Lines{"s1 ready 10.0.0.1:80", "s2 maint 127.0.0.1:1"});

        model::Instances listed;
        listed.refused.emplace_back(model::InstanceId("n1", "bad"), "it has no address");
        const std::size_t asked = daemon.consul->asked.size();
        daemon.consul->set("web", listed);
        daemon.wait([&] { return daemon.consul->asked.size() > asked; });
        daemon.wait_log("warn  web: bad on n1 can't be served: it has no address");
        daemon.wait_reads(2);
        CHECK(daemon.lines_of("warn").size() == 2);
    }

    TEST_CASE("before Consul was heard nothing is touched") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.haproxy.run("set server web/s1 state ready");
        daemon.start();
        daemon.wait_reads(3);
        CHECK(daemon.runtime->sent.empty());
    }

    TEST_CASE("HAProxy down is said once, and so is its return; then it is filled") {
        Serving daemon;
        daemon.runtime->down = true;
        const std::string down =
            "error socket /run/haproxy.sock: can't connect: Connection refused; it is tried until "
            "it "
            "answers";
        daemon.wait_log(down);
        daemon.list({a, b});
        const std::size_t refused = daemon.runtime->refusals;
        daemon.wait([&] { return daemon.runtime->refusals >= refused + 5; });
        daemon.runtime->down = false;
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        CHECK(daemon.lines_of("error") == Lines{down});
        CHECK(daemon.lines_of("info  HAProxy ").size() == 2);
        CHECK(daemon.lines_of("info  HAProxy answers again on /run/h.sock, after ").size() == 1);
    }

    TEST_CASE("HAProxy down is tried again ever more rarely, and soon again once it answered") {
        Serving daemon;
        const auto seconds_down = [&] {
            const auto began = std::chrono::steady_clock::now();
            const std::size_t before = daemon.runtime->refusals;
            daemon.runtime->down = true;
            daemon.wait([&] { return daemon.runtime->refusals >= before + 8; });
            return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        };
        // 15, 25, 45 .. 645 ms, each half of its range: a poll of 20 ms doubled from try to try.
        CHECK(seconds_down() >= 1.3);
        daemon.runtime->down = false;
        daemon.list({a, b});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        // Without a fresh start 8 tries take 8 s.
        CHECK(seconds_down() < 6);
    }

    TEST_CASE("an HAProxy that comes back is found at once, however long the poll") {
        Serving daemon;
        daemon.settings.poll = 1h;
        daemon.take_settings();
        daemon.runtime->down = true;
        daemon.list({a, b});
        daemon.wait([&] { return daemon.runtime->refusals >= 2; });
        daemon.runtime->down = false;
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
    }

    TEST_CASE("a balance algorithm that takes no weights is said once, and the instance serves") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid").static_algorithm = true;
        daemon.list({"a 10.0.0.1:80 weight 5"});
        daemon.start();
        daemon.wait_log(filled_a);
        const Lines said{
            "warn  web/s1: \"set server web/s1 weight 5\" failed: HAProxy says: Backend is using a "
            "static LB algorithm and only accepts weights '0%' and '100%'. (weights can follow "
            "Consul with `balance roundrobin`, `leastconn`, `random` or `hash-type consistent`; "
            "the instance is served with weight 1)"};
        daemon.list({"a 10.0.0.1:80 weight 6", "b 10.0.0.2:80 weight 7"});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        daemon.wait_reads(3);
        CHECK(daemon.lines_of("warn") == said);
        CHECK(daemon.sent("weight") == Lines{"set server web/s1 weight 5"});
    }

    TEST_CASE("a socket whose level is too low is said once, and tried again with backoff") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.haproxy.user_level = true;
        daemon.list({a});
        daemon.start();
        daemon.wait_log(
            "warn  web/s1: \"set server web/s1 addr 10.0.0.1 port 80\" failed: HAProxy says: "
            "Permission denied (the `stats socket` line needs `level admin`)");
        daemon.wait_reads(5);
        CHECK(daemon.lines_of("warn").size() == 1 + 1);  // and who waits
        daemon.haproxy.user_level = false;
        daemon.later += 10s;
        daemon.wait_log(filled_a);
    }

    TEST_CASE(
        "what failed waits for its backoff, not for the next poll; a new answer does not wait") {
        Serving daemon;
        const auto tries = [&] { return daemon.sent("state drain").size(); };
        daemon.haproxy.user_level = true;
        daemon.list({b});
        daemon.wait([&] { return tries() >= 5; });
        // The fifth retry is at least 800 ms (16 times 100 ms, halved) after the fourth: 40 polls.
        const std::size_t before = tries();
        daemon.wait_reads(15);
        CHECK(tries() <= before + 1);
        daemon.haproxy.user_level = false;
        daemon.list({a, b});
        daemon.wait([&] { return daemon.haproxy.server("web/s2").is_ready(); });
    }

    TEST_CASE("what fails again and again is said once") {
        Serving daemon;
        daemon.haproxy.user_level = true;
        daemon.list({b});
        daemon.wait([&] { return daemon.sent("state drain").size() >= 4; });
        CHECK(daemon.lines_of("warn") ==
              Lines{"warn  web/s2: \"set server web/s2 addr 10.0.0.2 port 80\" failed: "
                    "HAProxy says: Permission denied (the `stats socket` line needs `level admin`)",
                    "warn  web: 1 instance waits for a slot: b on n1 (add slots to the backend's "
                    "server-template)"});
    }

    TEST_CASE("a slot that takes no address is avoided, another one serves") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.haproxy.server("web/s1").takes_address = false;
        daemon.list({a});
        daemon.start();
        daemon.wait_log("info  web/s2 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot");
        CHECK(daemon.lines_of("warn").size() == 1);
    }

    TEST_CASE("a reload may have mended what refused an address") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.haproxy.server("web/s1").takes_address = false;
        daemon.list({a});
        daemon.start();
        daemon.wait([&] { return !daemon.lines_of("warn").empty(); });
        daemon.wait_reads(2);
        CHECK(daemon.sent("addr").size() == 1);
        daemon.haproxy.server("web/s1").takes_address = true;
        daemon.haproxy.reload();
        const auto reloaded = std::chrono::steady_clock::now();
        daemon.wait_log(filled_a);
        CHECK(std::chrono::steady_clock::now() - reloaded < 9s);
    }

    TEST_CASE("a plan cut off anywhere is completed") {
        for (std::size_t cut = 0; cut < 4; ++cut) {
            CAPTURE(cut);
            Daemon daemon;
            daemon.settings.poll = 1h;
            daemon.haproxy.add_slots("web", 3, "web.service.slots.invalid");
            daemon.list({a, b});
            daemon.runtime->cut_after = cut;
            daemon.start();
            daemon.wait([&] { return !daemon.lines_of("warn").empty(); });
            daemon.runtime->cut_after.reset();
            daemon.later += 10s;
            daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
            CHECK(daemon.haproxy.violations.empty());
        }
    }

    TEST_CASE("a reload in the middle of a round is noticed") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.list({a, b});
        bool reloaded = false;
        daemon.runtime->before_command = [&] {
            if (!reloaded && daemon.runtime->sent.size() == 3)
                daemon.haproxy.reload();
            reloaded = daemon.runtime->sent.size() >= 3;
        };
        daemon.start();
        daemon.wait_log(
            "info  HAProxy was reloaded or restarted: 2.6.12-1+deb12u4, pid 4712 on /run/h.sock");
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
    }

    TEST_CASE("an answer that comes while another group of the backend is worked on is not lost") {
        Daemon daemon(FakeVersion::v3_0);
        daemon.settings.poll = 1h;
        daemon.haproxy.add_slots("web", 1, "a.service.slots.invalid");
        daemon.haproxy.add_slots("web", 1, "b.service.slots.invalid");
        daemon.haproxy.late_reads = 3;
        daemon.consul->set("a", instances({a}));
        daemon.runtime->before_command = [&] {
            if (daemon.runtime->sent.empty())
                daemon.consul->set("b", instances({b}));
        };
        daemon.start();
        daemon.wait_shown({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80"});
    }

    TEST_CASE("what a balance algorithm does not take is said once for all groups of a backend") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "a.service.slots.invalid");
        daemon.haproxy.add_slots("web", 1, "b.service.slots.invalid").static_algorithm = true;
        daemon.consul->set("a", instances({"a 10.0.0.1:80 weight 5"}));
        daemon.start();
        daemon.wait_log(filled_a);
        daemon.consul->set("b", instances({"b 10.0.0.2:80 weight 5"}));
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        daemon.wait_reads(2);
        CHECK(daemon.lines_of("warn").size() == 1);
        CHECK(daemon.sent("weight") == Lines{"set server web/s1 weight 5"});
    }
}
