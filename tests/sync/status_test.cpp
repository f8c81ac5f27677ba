// SPDX-License-Identifier: MIT
#include "slotd/sync/status.hpp"

#include "support/daemon.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

// Empty until HAProxy was read for the first time.
sync::BackendStatus backend(const Daemon& daemon) {
    const sync::Status status = daemon.status();
    return status.backends.empty() ? sync::BackendStatus() : status.backends.front();
}

/// "s1 ready 10.0.0.1:80 a on n1".
Lines seats(const sync::BackendStatus& status) {
    Lines lines;
    for (const sync::SlotStatus& slot : status.slots)
        lines.push_back(slot.name + " " + std::string(to_string(slot.state)) + " " + slot.address +
                        ":" + std::to_string(slot.port) +
                        (slot.instance.empty() ? "" : " " + slot.instance) +
                        (slot.node.empty() ? "" : " on " + slot.node));
    return lines;
}

struct ShownWeb : Daemon {
    explicit ShownWeb(int slots = 3) {
        haproxy.add_slots("web", slots, "web.service.slots.invalid");
        settings.defaults.policy.large_removal = 100;
    }
};

}  // namespace

TEST_SUITE("status") {
    TEST_CASE("it says who sits where, and who waits") {
        ShownWeb daemon(2);
        daemon.list({"a 10.0.0.1:80", "b 10.0.0.2:80", "c 10.0.0.3:80"});
        daemon.start();
        daemon.wait([&] { return backend(daemon).filled; });
        const sync::BackendStatus status = backend(daemon);
        CHECK(status.name == "web");
        CHECK(status.socket == "/run/h.sock");
        CHECK(status.service == "web");
        CHECK(seats(status) ==
              Lines{"s1 ready 10.0.0.1:80 a on n1", "s2 ready 10.0.0.2:80 b on n1"});
        CHECK(status.serving == 2);
        CHECK(status.waiting == Lines{"c on n1"});
        CHECK(status.last_change.has_value());
        CHECK(status.last_success.has_value());
        CHECK(status.last_error.empty());
        CHECK_FALSE(status.held);
        CHECK(status.count(sync::SlotState::ready) == 2);
        CHECK(status.count(sync::SlotState::free) == 0);
    }

    TEST_CASE("the slots are counted anew with each change, and not described where that is enough") {
        ShownWeb daemon;
        const auto counts = [&] {
            const sync::Status status = daemon.status(sync::Detail::counts);
            if (status.backends.empty())
                return std::string();
            const sync::BackendStatus& web = status.backends.front();
            CHECK(web.slots.empty());
            std::string text = std::to_string(web.serving) + " serve";
            for (const sync::SlotState state :
                 {sync::SlotState::ready, sync::SlotState::draining, sync::SlotState::out,
                  sync::SlotState::free})
                text += " " + std::to_string(web.count(state));
            return text;
        };
        daemon.settings.defaults.policy.drain = 10s;
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait([&] { return counts() == "1 serve 1 0 0 2"; });
        daemon.haproxy.server("web/s1").sessions = 1;
        daemon.list({"b 10.0.0.2:80", "c 10.0.0.3:80 critical"});
        daemon.wait([&] { return counts() == "1 serve 1 1 0 1"; });
        daemon.list({"b 10.0.0.2:80 critical"});
        daemon.wait([&] { return counts() == "0 serve 0 1 1 1"; });
    }

    TEST_CASE("a slot is free, draining, or out for its instance") {
        ShownWeb daemon;
        daemon.settings.defaults.policy.drain = 10s;
        daemon.list({"a 10.0.0.1:80", "b 10.0.0.2:80"});
        daemon.start();
        daemon.wait([&] { return backend(daemon).filled; });
        daemon.haproxy.server("web/s1").sessions = 1;
        daemon.list({"b 10.0.0.2:80 critical", "c 10.0.0.3:80"});
        daemon.wait([&] {
            return seats(backend(daemon)) == Lines{"s1 draining 10.0.0.1:80 a on n1",
                                                   "s2 out 10.0.0.2:80 b on n1",
                                                   "s3 ready 10.0.0.3:80 c on n1"};
        });
        CHECK(backend(daemon).serving == 1);
    }

    TEST_CASE("a hold is shown with its reason and its time, and what is live stays in sight") {
        ShownWeb daemon;
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait([&] { return backend(daemon).filled; });
        daemon.consul->set("web", model::Unknown(model::Doubt::no_leader, "no leader; wait"));
        daemon.wait([&] { return backend(daemon).held.has_value(); });
        const sync::BackendStatus status = backend(daemon);
        CHECK(status.held->reason == "no-leader");
        CHECK(status.held->detail == "no leader; wait");
        CHECK(std::chrono::system_clock::now() - status.held->since < 1h);
        CHECK(seats(status).front() == "s1 ready 10.0.0.1:80 a on n1");
        daemon.list({"a 10.0.0.1:80"});
        daemon.wait([&] { return !backend(daemon).held; });
    }

    TEST_CASE("refused instances are named with their reason") {
        ShownWeb daemon;
        model::Instances list = instances({"a 10.0.0.1:80"});
        list.refused.emplace_back(model::InstanceId("n1", "bad"), "port 0 is not a port");
        daemon.consul->set("web", list);
        daemon.start();
        daemon.wait([&] { return backend(daemon).filled; });
        REQUIRE(backend(daemon).refused.size() == 1);
        CHECK(backend(daemon).refused[0].instance == "bad on n1");
        CHECK(backend(daemon).refused[0].why == "port 0 is not a port");
    }

    TEST_CASE("it is ready when each HAProxy was read and each backend filled once") {
        ShownWeb daemon;
        daemon.start();
        CHECK(reasons_not_ready(daemon.status()) == Lines{"/run/h.sock: HAProxy was not read yet"});
        daemon.wait_reads(2);
        CHECK(reasons_not_ready(daemon.status()) ==
              Lines{"web on /run/h.sock: Consul has not answered yet"});
        daemon.list({"a 10.0.0.1:80"});
        daemon.wait([&] { return reasons_not_ready(daemon.status()).empty(); });
        daemon.consul->set("web", model::Unknown(model::Doubt::no_leader, "no leader; wait"));
        daemon.wait([&] { return backend(daemon).held.has_value(); });
        CHECK(reasons_not_ready(daemon.status()).empty());
    }

    TEST_CASE("a service without instances keeps nobody waiting") {
        ShownWeb daemon;
        daemon.list({});
        daemon.start();
        daemon.wait([&] { return backend(daemon).held.has_value(); });
        CHECK(backend(daemon).held->reason == "empty");
        CHECK(reasons_not_ready(daemon.status()).empty());
        CHECK_FALSE(backend(daemon).last_success);
    }

    TEST_CASE("a command that fails is the backend's last error until a round comes out") {
        ShownWeb daemon;
        daemon.haproxy.user_level = true;
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait([&] { return !backend(daemon).last_error.empty(); });
        CHECK(backend(daemon).last_error ==
              "web/s1: \"set server web/s1 addr 10.0.0.1 port 80\" failed: HAProxy says: "
              "Permission denied (the `stats socket` line needs `level admin`)");
        CHECK_FALSE(backend(daemon).last_change);
        daemon.haproxy.user_level = false;
        daemon.later = 20s;
        daemon.wait([&] { return backend(daemon).filled; });
        CHECK(backend(daemon).last_error.empty());
    }

    TEST_CASE("rounds, commands and reloads are counted") {
        ShownWeb daemon;
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait([&] { return backend(daemon).filled; });
        const sync::Metrics& metrics = daemon.record.metrics;
        CHECK(metrics.commands ==
              std::map<sync::CommandKey, std::uint64_t>{
                  {sync::CommandKey("/run/h.sock", "web", "addr", "done"), 1},
                  {sync::CommandKey("/run/h.sock", "web", "state", "done"), 1}});
        CHECK(metrics.propagation.count() == 1);
        daemon.haproxy.reload();
        daemon.wait([&] { return metrics.reloads.contains("/run/h.sock"); });
        CHECK(metrics.reloads.at("/run/h.sock") == 1);
        daemon.wait([&] { return metrics.rounds.at({"/run/h.sock", "ok"}) >= 2; });
        CHECK(metrics.round_duration.count() >= 2);
    }

    TEST_CASE("a backend that is gone is counted no more, and its failures are forgotten") {
        ShownWeb daemon;
        daemon.settings.poll = 1h;
        FakeBackend& other = daemon.haproxy.add_slots("other", 1, "web.service.slots.invalid");
        daemon.haproxy.add_slots("other", 1, "more.service.slots.invalid");
        daemon.list({a});
        daemon.start();
        daemon.wait([&] { return daemon.lines_of("info  ").size() == 6; });  // both serve
        daemon.haproxy.user_level = true;
        daemon.list({a + " weight 7"});
        const auto warned = [&](const std::string& of) {
            return daemon.lines_of("warn  " + of + "/s1: \"set server ").size();
        };
        const auto counted = [&](const std::string& of) {
            const auto& commands = daemon.record.metrics.commands;
            return std::count_if(commands.begin(), commands.end(), [&](const auto& entry) {
                return entry.first.backend == of;
            });
        };
        daemon.wait([&] { return warned("web") == 1 && warned("other") == 1; });
        CHECK(counted("web") == 3);
        CHECK(counted("other") == 3);

        // Of one backend all groups go, of the other one of two.
        FakeBackend& web = daemon.haproxy.backend("web");
        web.name = "next";
        other.servers.pop_back();
        daemon.take_settings();
        daemon.wait([&] { return warned("next") == 1; });
        CHECK(counted("web") == 0);
        CHECK(counted("other") == 3);
        web.name = "web";
        daemon.take_settings();
        daemon.wait([&] { return warned("web") == 2; });
        CHECK(warned("other") == 1);
    }

    TEST_CASE("what the log says of a change is an event with its parts") {
        ShownWeb daemon;
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait([&] { return backend(daemon).filled; });
        const auto events = daemon.record.events.since(0, 100);
        REQUIRE(events.size() == 3);
        CHECK(events[2].number == 3);
        CHECK(events[2].socket == "/run/h.sock");
        CHECK(events[2].backend == "web");
        CHECK(events[2].slot == "s1");
        CHECK(events[2].instance == "a on n1");
        CHECK(events[2].level == sync::LogLevel::info);
        CHECK(events[2].text == "web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot");
    }
}
