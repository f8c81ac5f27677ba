// SPDX-License-Identifier: MIT
#include "slotd/sync/driver.hpp"

#include "serving.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

/// a is to serve, and the first slot takes no address.
struct Refusing : Daemon {
    explicit Refusing(int slots) {
        haproxy.add_slots("web", slots, "web.service.slots.invalid");
        haproxy.server("web/s1").takes_address = false;
        list({a});
        start();
    }
};

}  // namespace

TEST_SUITE("driver in trouble") {
    TEST_CASE("a doubt holds the backend: what is live stays, and comes back after a reload") {
        Serving daemon;
        daemon.consul->set("web", model::Unknown(model::Doubt::no_leader, "no leader is known"));
        daemon.wait_log("warn  web: held, what is live stays (no-leader): no leader is known");
        daemon.wait_reads(1);
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
            "the instance is served with the weight of its slot's line)"};
        daemon.list({"a 10.0.0.1:80 weight 6", "b 10.0.0.2:80 weight 7"});
        daemon.wait_log("info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot");
        daemon.wait_reads(3);
        CHECK(daemon.lines_of("warn") == said);
        CHECK(daemon.sent("weight") == Lines{"set server web/s1 weight 5"});
    }

    TEST_CASE("a slot with a weight on its line gets that one where the algorithm takes no other") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid").static_algorithm = true;
        FakeServer& slot = daemon.haproxy.server("web/s1");
        slot.configured_weight = 10;
        slot.weight = 0;
        daemon.list({"a 10.0.0.1:80 weight 5"});
        daemon.start();
        daemon.wait_log("info  web/s1 weight 10 at 10.0.0.1:80: a on n1 has weight 5, its slot 0");
        daemon.wait_reads(3);
        CHECK(daemon.sent("weight") ==
              Lines{"set server web/s1 weight 5", "set server web/s1 weight 10"});
        CHECK(daemon.lines_of("warn").size() == 1);
    }

    TEST_CASE("a weight that a static algorithm refuses again and again waits for its backoff") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid").static_algorithm = true;
        FakeServer& slot = daemon.haproxy.server("web/s1");
        slot.weight = 0;
        // HAProxy takes another weight than the one it shows as the line's.
        daemon.runtime->before_command = [&] { slot.configured_weight = 9; };
        daemon.runtime->after_command = [&] { slot.configured_weight = 10; };
        daemon.list({"a 10.0.0.1:80 weight 5"});
        daemon.start();
        const auto tries = [&] { return daemon.sent("weight").size(); };
        daemon.wait([&] { return tries() >= 6; });
        // The next one is at least 800 ms (16 times 100 ms, halved) later: 40 polls.
        const std::size_t before = tries();
        daemon.wait_reads(15);
        CHECK(tries() <= before + 1);
        CHECK(slot.is_ready());
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

    TEST_CASE("an answer that comes in the middle of what fails does not wait for its backoff") {
        bool is_news = false;
        Serving daemon;
        daemon.list({a, b});
        daemon.wait([&] { return daemon.ready().size() == 2; });
        daemon.haproxy.user_level = true;
        daemon.list({a});
        const auto tries = [&] { return daemon.sent("state drain").size(); };
        while (tries() < 5) {
            const std::size_t before = tries();
            daemon.wait([&] { return tries() > before; });
            daemon.later += 10s;
        }
        // The retry after the next one is at least 1.6 s later.
        daemon.runtime->before_command = [&] {
            if (!std::exchange(is_news, true))
                daemon.list({"a 10.0.0.1:80 weight 7"});
        };
        daemon.runtime->after_read = [&] { daemon.haproxy.user_level = !is_news; };
        daemon.wait([&] { return is_news; });
        daemon.wait_reads(15);
        CHECK(daemon.haproxy.server("web/s1").weight == 7);
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
        Refusing daemon(2);
        daemon.wait_log("info  web/s2 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot");
        CHECK(daemon.lines_of("warn").size() == 1);
    }

    TEST_CASE("a reload may have mended what refused an address") {
        Refusing daemon(1);
        daemon.wait([&] { return !daemon.lines_of("warn").empty(); });
        daemon.wait_reads(2);
        CHECK(daemon.sent("addr").size() == 1);
        daemon.haproxy.server("web/s1").takes_address = true;
        daemon.haproxy.reload();
        const auto reloaded = std::chrono::steady_clock::now();
        daemon.wait_log(filled_a);
        CHECK(std::chrono::steady_clock::now() - reloaded < 9s);
    }

    TEST_CASE("a slot that does not show its address is avoided") {
        Daemon daemon(FakeVersion::v3_0);
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.haproxy.never_settles = true;
        daemon.list({a});
        daemon.start();
        daemon.wait([&] { return !daemon.lines_of("warn").empty(); });
        daemon.wait_reads(15);
        CHECK(daemon.sent("addr").size() == 1);
    }

    TEST_CASE("a slot whose reply was lost is not avoided: it is filled when HAProxy is back") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.list({a, b});
        bool hung = false;
        daemon.runtime->before_command = [&] {
            if (!std::exchange(hung, true))
                daemon.runtime->down = true;
        };
        daemon.start();
        daemon.wait([&] { return daemon.runtime->refusals >= 5; });
        daemon.runtime->down = false;
        const auto back = std::chrono::steady_clock::now();
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
        CHECK(std::chrono::steady_clock::now() - back < 5s);
        CHECK(daemon.lines_of("warn  web: 2 instances wait").empty());
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

    TEST_CASE("a backend whose groups work in one round is read back once") {
        Daemon daemon;
        daemon.settings.poll = 1h;
        daemon.haproxy.add_slots("web", 1, "a.service.slots.invalid");
        daemon.haproxy.add_slots("web", 1, "b.service.slots.invalid");
        daemon.consul->set("a", instances({a}));
        daemon.consul->set("b", instances({b}));
        daemon.start();
        daemon.wait([&] { return daemon.log().size() == 5; });  // both slots are told to be ready
        for (const sync::BackendStatus& group : daemon.status().backends)
            CHECK(group.slots.size() == 1);
        CHECK(daemon.sent("state ready").size() == 2);
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
