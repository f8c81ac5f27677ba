// SPDX-License-Identifier: MIT
#include "support/daemon.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

/// Three instances serve in four slots.
struct Doubting : Daemon {
    explicit Doubting(FakeVersion version = FakeVersion::v2_6) : Daemon(version) {
        settings.defaults.policy.confirm = 300ms;
        settings.defaults.policy.drain = 0ms;
        haproxy.add_slots("web", 4, "web.service.slots.invalid");
        list({a, b, c});
        start();
        wait_shown({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80", "s3 ready 10.0.0.3:80",
                    "s4 maint 127.0.0.1:1"});
    }

    bool serves(const std::string& server) {
        return this->haproxy.server("web/" + server).is_ready();
    }
};

/// "2 of 3": what a removal takes away.
std::string held_for(const std::string& share) {
    return "warn  web: held, what is live stays (large-removal): Consul no longer lists " + share +
           " instances that serve; they go if that is still so after `confirm`";
}

const std::string held = held_for("2 of 3");
const std::string brought_back =
    "info  web: what a removal that waits to be confirmed would take away is out of traffic all "
    "the same: it comes back first";

}  // namespace

TEST_SUITE("doubtful answers") {
    TEST_CASE("a large removal waits, is confirmed by asking once more, and is then acted on") {
        Doubting daemon;
        daemon.list({a});
        daemon.wait_log(held);
        daemon.wait_reads(5);
        CHECK(daemon.serves("s2"));
        daemon.wait_log("info  web: no longer held (large-removal), after 0 s");
        daemon.wait([&] { return !daemon.serves("s2") && !daemon.serves("s3"); });
        CHECK(daemon.serves("s1"));
        CHECK(daemon.lines_of("warn") == Lines{held});
    }

    TEST_CASE("a removal that is taken back before it was confirmed never happened") {
        Doubting daemon;
        daemon.list({a});
        daemon.wait_log(held);
        daemon.list({a, b, c});
        daemon.wait_log("info  web: no longer held (large-removal), after 0 s");
        daemon.wait_reads(20);
        CHECK(daemon.sent("state maint").empty());
    }

    TEST_CASE("a removal that comes while another waits is confirmed by itself") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.list({a});
        daemon.wait_log(held);
        daemon.later += 45min;
        daemon.list({b});
        daemon.wait([&] { return daemon.consul->was_heard("web"); });
        daemon.wait_reads(3);
        daemon.later += 45min;
        daemon.wait_reads(5);
        CHECK(daemon.serves("s1"));
        daemon.later += 45min;
        daemon.wait([&] { return !daemon.serves("s1") && !daemon.serves("s3"); });
        CHECK(daemon.serves("s2"));
    }

    TEST_CASE("what comes in the same answer goes ahead") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.list({a, "d 10.0.0.4:80"});
        daemon.wait([&] { return daemon.serves("s4"); });
        CHECK(daemon.serves("s2"));
        CHECK(daemon.serves("s3"));
    }

    TEST_CASE("what the token may not read is not gone, however little it is") {
        Doubting daemon;
        daemon.consul->unreadable = {"n1"};
        daemon.list({a, b, "d 10.0.0.4:80"});
        daemon.wait_log(
            "warn  web: held, what is live stays (acl): the token may not read the service or the "
            "nodes of instances that are gone from Consul's list; give it service:read and "
            "node:read");
        daemon.wait_reads(5);
        CHECK(daemon.sent("state").size() == 3);
    }

    TEST_CASE("where nobody can tell what a token may read, a confirmed removal is believed") {
        Doubting daemon;
        daemon.consul->readable = catalog::Readable::cannot_tell;
        daemon.list({a});
        daemon.wait([&] { return !daemon.serves("s2") && !daemon.serves("s3"); });
    }

    TEST_CASE("after an outage even a small removal is confirmed first") {
        Doubting daemon;
        daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        daemon.wait_log("warn  web: held, what is live stays (consul-unreachable): refused");
        daemon.list({a, b});
        daemon.wait_log(held_for("1 of 3"));
        CHECK(daemon.serves("s3"));
        daemon.wait([&] { return !daemon.serves("s3"); });
        const Lines lines = daemon.lines_of("info");
        CHECK(std::count(lines.begin(), lines.end(),
                         "info  web: no longer held (consul-unreachable), after 0 s and 1 try") ==
              1);
    }

    TEST_CASE("a HAProxy that is down as Consul comes back does not spare the confirmation") {
        Doubting daemon;
        const auto poll = std::exchange(daemon.settings.poll, 1h);
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.wait_reads(1);
        daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        daemon.wait_log("warn  web: held, what is live stays (consul-unreachable): refused");
        daemon.wait_reads(1);
        daemon.runtime->down = true;
        daemon.list({a, b});
        daemon.wait([&] { return daemon.runtime->refusals > 0; });
        daemon.later += 2h;
        daemon.runtime->down = false;
        daemon.wait_log(held_for("1 of 3"));
        CHECK(daemon.serves("s3"));
        daemon.later += 2h;
        daemon.settings.poll = poll;
        daemon.take_settings();
        daemon.wait([&] { return !daemon.serves("s3"); });
    }

    TEST_CASE("a Consul that is back with nothing, and then with less, is not believed at once") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        daemon.wait_log("warn  web: held, what is live stays (consul-unreachable): refused");
        daemon.list({});
        daemon.wait_log("info  web: no longer held (consul-unreachable), after 0 s and 1 try");
        for (const Lines& listed : {Lines{a}, Lines{a, b}}) {
            daemon.list(listed);
            daemon.wait_reads(5);
            CHECK(daemon.serves("s2"));
            CHECK(daemon.serves("s3"));
        }
        daemon.wait_log(held);
    }

    TEST_CASE("an empty list while a removal waits is held as such, and what follows is doubted") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.list({a});
        daemon.wait_log(held);
        daemon.list({});
        daemon.wait_log(
            "warn  web: held, what is live stays (empty): Consul lists no instance; on_empty = "
            "\"apply\" would empty the backend");
        daemon.wait([&] { return daemon.consul->asked.size() == 4; });
        daemon.later += 2h;
        daemon.wait_reads(5);
        CHECK(daemon.status().backends.at(0).held->reason == "empty");
        // Nor is it asked again whether the removal is true.
        CHECK(daemon.consul->asked.size() == 4);
        // One of three is no large removal.
        daemon.list({a, b});
        daemon.wait_log(held_for("1 of 3"));
        daemon.wait_reads(5);
        CHECK(daemon.serves("s3"));
    }

    TEST_CASE("what served before a removal that waits comes back after a reload") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        SUBCASE("a large removal") {
            daemon.list({"d 10.0.0.4:80"});
        }
        SUBCASE("all ill") {
            daemon.list({a + " critical", b + " critical", c + " critical"});
        }
        SUBCASE("during an outage") {
            daemon.list({a});
            daemon.wait_log(held);
            daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
            daemon.wait_log("warn  web: held, what is live stays (consul-unreachable): refused");
        }
        daemon.wait([&] { return daemon.status().backends.at(0).held.has_value(); });
        daemon.haproxy.reload();
        daemon.wait(
            [&] { return daemon.serves("s1") && daemon.serves("s2") && daemon.serves("s3"); });
        // The removal goes on waiting.
        daemon.wait([&] { return daemon.status().backends.at(0).held.has_value(); });
        daemon.later += 30min;
        daemon.wait_reads(5);
        CHECK(daemon.serves("s2"));
        daemon.wait_log(brought_back);
    }

    TEST_CASE("what is in maintenance meanwhile does not come back after a reload") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.list({a});
        daemon.wait_log(held);
        daemon.list({a + " maintenance"});
        daemon.wait([&] { return !daemon.serves("s1"); });
        daemon.haproxy.reload();
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.2:80", "10.0.0.3:80"}; });
        daemon.wait_reads(3);
        const Lines addresses = daemon.sent("addr 10.0.0.1 ");
        CHECK(addresses.size() == 1);
    }

    TEST_CASE("what came with a removal that waits comes as well after a reload") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.list({"d 10.0.0.4:80"});
        daemon.wait([&] { return daemon.serves("s4"); });
        daemon.haproxy.reload();
        daemon.wait([&] {
            return daemon.serves("s1") && daemon.serves("s2") && daemon.serves("s3") &&
                   daemon.serves("s4");
        });
        daemon.wait_log(held_for("3 of 4"));
        daemon.later += 2h;
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.4:80"}; });
    }

    TEST_CASE("what can't come back does not keep out what Consul has") {
        Doubting daemon(FakeVersion::v3_0);
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.list({"d 10.0.0.4:80"});
        daemon.wait([&] { return daemon.serves("s4"); });
        daemon.haproxy.reload();
        daemon.haproxy.never_settles = true;
        daemon.wait_log(brought_back);
        daemon.later += 2h;
        daemon.wait([&] { return daemon.sent("addr 10.0.0.4").size() == 2; });
        daemon.haproxy.never_settles = false;
        daemon.wait([&] {
            daemon.later += 1min;
            return daemon.ready() == Lines{"10.0.0.4:80"};
        });
    }

    TEST_CASE("a backend that had nothing to lose while Consul was away doubts nothing") {
        Daemon daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.haproxy.add_slots("web", 4, "web.service.slots.invalid");
        daemon.list({});
        daemon.start();
        daemon.wait_log(
            "warn  web: held, what is live stays (empty): Consul lists no instance; on_empty = "
            "\"apply\" would empty the backend");
        daemon.list({a, b, c});
        daemon.wait([&] { return daemon.sent("state ready").size() == 3; });
        daemon.list({a, b});
        daemon.wait([&] { return daemon.sent("state drain").size() == 1; });
    }

    TEST_CASE("an outage while a removal waits keeps it waiting") {
        Doubting daemon;
        daemon.list({a});
        daemon.wait_log(held);
        daemon.consul->set("web", model::Unknown(model::Doubt::no_leader, "no leader"));
        daemon.wait_log("warn  web: held, what is live stays (no-leader): no leader");
        daemon.later += 1min;
        daemon.wait_reads(10);
        CHECK(daemon.serves("s2"));
        CHECK(daemon.serves("s3"));
    }

    TEST_CASE("what was doubted before an outage is not believed at its end") {
        Doubting daemon;
        daemon.settings.defaults.policy.confirm = 1h;
        daemon.take_settings();
        daemon.list({a});
        daemon.wait_log(held);
        daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        daemon.wait_log("warn  web: held, what is live stays (consul-unreachable): refused");
        daemon.later += 2h;
        daemon.list({a});
        daemon.wait([&] {
            const auto now = daemon.status().backends.at(0).held;
            return now && now->reason == "large-removal";
        });
        daemon.later += 1min;
        daemon.wait_reads(10);
        CHECK(daemon.serves("s2"));
        CHECK(daemon.serves("s3"));
        daemon.later += 2h;
        daemon.wait([&] { return !daemon.serves("s2") && !daemon.serves("s3"); });
    }

    TEST_CASE("what served before slotd started stays where the token may not read every node") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 4, "web.service.slots.invalid");
        for (const std::string n : {"1", "2", "3"}) {
            daemon.haproxy.run("set server web/s" + n + " addr 10.0.0." + n + " port 80");
            daemon.haproxy.run("set server web/s" + n + " state ready");
        }
        daemon.consul->unreadable = {""};
        daemon.list({a, b, "d 10.0.0.4:80"});
        daemon.start();
        const std::string blind =
            "warn  web: held, what is live stays (acl): Consul lists no instance at 10.0.0.3:80, "
            "and the token may not read every node, so it may be there all the same; give the "
            "token node_prefix \"\" read, or free the slot by hand";
        daemon.wait_log(blind);
        daemon.wait_shown({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80", "s3 ready 10.0.0.3:80",
                           "s4 ready 10.0.0.4:80"});
        // That one goes which a list has named.
        daemon.list({a, "d 10.0.0.4:80"});
        daemon.wait_log("info  web/s2 drain at 10.0.0.2:80: b on n1 is no longer listed by Consul");
        daemon.wait_reads(3);
        CHECK(daemon.lines_of("warn") == Lines{blind});
        CHECK(daemon.haproxy.server("web/s3").is_ready());
        daemon.consul->unreadable = {};
        daemon.list({a, "d 10.0.0.4:80 weight 2"});
        daemon.wait_log("info  web: no longer held (acl), after 0 s");
        daemon.wait([&] { return !daemon.haproxy.server("web/s3").is_ready(); });
    }

    TEST_CASE("a burst is acted on once it has settled") {
        Daemon daemon;
        daemon.settings.defaults.policy.settle = 500ms;
        daemon.haproxy.add_slots("web", 4, "web.service.slots.invalid");
        daemon.list({a});
        daemon.start();
        daemon.wait([&] { return daemon.sent("state ready").size() == 1; });
        daemon.list({a, b});
        daemon.wait_reads(2);
        daemon.list({a, c});
        daemon.wait_reads(2);
        CHECK(daemon.sent("state ready").size() == 1);
        daemon.wait([&] { return daemon.sent("state ready").size() == 2; });
        CHECK(daemon.sent("addr") == Lines{"set server web/s1 addr 10.0.0.1 port 80",
                                           "set server web/s2 addr 10.0.0.3 port 80"});
    }

    TEST_CASE("a burst that never ends is acted on after ten times as long") {
        Daemon daemon;
        daemon.settings.defaults.policy.settle = 100ms;
        daemon.haproxy.add_slots("web", 4, "web.service.slots.invalid");
        daemon.list({a});
        daemon.start();
        unsigned weight = 1;
        daemon.wait([&] {
            daemon.list({a + " weight " + std::to_string(2 + ++weight % 2)});
            return !daemon.sent("state ready").empty();
        });
        CHECK(weight > 2);
    }
}
