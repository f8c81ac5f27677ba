// SPDX-License-Identifier: MIT
// Settings that change while slotd runs.

#include "support/daemon.hpp"
#include "support/fake_consul.hpp"

#include <doctest/doctest.h>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

TEST_SUITE("settings") {
    TEST_CASE("another policy is judged by at once, and what serves is left alone") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.list({"a 10.0.0.1:80 weight 7"});
        daemon.start();
        daemon.wait_shown({"s1 ready 10.0.0.1:80 weight 7", "s2 maint 127.0.0.1:1"});
        daemon.settings.defaults.policy.weight = model::Weight::clamped(3);
        daemon.take_settings();
        daemon.wait_shown({"s1 ready 10.0.0.1:80 weight 3", "s2 maint 127.0.0.1:1"});
        CHECK(daemon.sent("state") == Lines{"set server web/s1 state ready"});
    }

    TEST_CASE("a backend that is handed over is followed, one that is not any more is let go") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "elsewhere.invalid");
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait_reads(3);
        CHECK(daemon.runtime->sent.empty());
        daemon.settings.backends["web"] = daemon.settings.defaults;
        daemon.settings.backends["web"].slots = "*";
        daemon.take_settings();
        daemon.wait_shown({"s1 ready 10.0.0.1:80"});
        daemon.settings.backends.clear();
        daemon.take_settings();
        daemon.wait_log("info  web: no slot of it is followed any more");
        CHECK(daemon.shown() == Lines{"s1 ready 10.0.0.1:80"});
    }

    TEST_CASE("a backend that follows another service has slots all the same") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait_shown({"s1 ready 10.0.0.1:80"});
        daemon.settings.backends["web"] = daemon.settings.defaults;
        daemon.settings.backends["web"].service = "shop";
        daemon.take_settings();
        daemon.wait_log("info  web: no slot follows the service web any more");
        daemon.wait_log("info  web: 1 slot follows the service shop");
        for (const std::string& line : daemon.log())
            CHECK(line.find("no slot of it") == std::string::npos);
    }

    TEST_CASE("another Consul that lists less is confirmed first") {
        Daemon daemon;
        daemon.settings.defaults.policy.confirm = 10s;
        daemon.haproxy.add_slots("web", 3, "web.service.slots.invalid");
        daemon.list({"a 10.0.0.1:80", "b 10.0.0.2:80", "c 10.0.0.3:80"});
        daemon.start();
        daemon.wait([&] { return daemon.ready().size() == 3; });
        const auto other = std::make_shared<FakeConsul>(daemon.io.get_executor());
        other->set("web", instances({"a 10.0.0.1:80", "b 10.0.0.2:80"}));
        daemon.use(other);
        daemon.wait([&] { return daemon.status().backends.at(0).held.has_value(); });
        CHECK(daemon.status().backends.at(0).held->reason == "large-removal");
        CHECK(daemon.ready().size() == 3);
        daemon.later = 11s;
        daemon.wait([&] { return daemon.ready().size() == 2; });
    }
}
