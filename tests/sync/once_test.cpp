// SPDX-License-Identifier: MIT
#include "slotd/sync/once.hpp"

#include "support/fake_consul.hpp"
#include "support/fake_runtime.hpp"
#include "support/log_lines.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

/// Two backends with two slots each, and one full round.
struct Once {
    asio::io_context io;
    FakeHaproxy haproxy;
    FakeRuntime runtime{haproxy};
    FakeConsul consul{io.get_executor()};
    sync::Settings settings;
    sync::Pauses pauses{io.get_executor(), {}};
    LogLines log;

    Once() {
        haproxy.add_slots("web", 2, "web.service.slots.invalid");
        haproxy.add_slots("api", 2, "web.service.slots.invalid");
        haproxy.tick(1h);
    }

    static sync::Clock clock() {
        return [] { return std::chrono::steady_clock::now(); };
    }

    model::Result<bool> run() {
        return result_of(io, sync::run_once(runtime, consul, settings, pauses, clock(),
                                            log.log, "/h"));
    }

    sync::Survey survey() {
        auto made = result_of(io, sync::survey(runtime, consul, settings, clock()));
        REQUIRE(made);
        return *std::move(made);
    }
};

}  // namespace

TEST_SUITE("one full round") {
    TEST_CASE("every backend is filled, Consul is asked once for each query") {
        Once once;
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        const auto well = once.run();
        REQUIRE(well);
        CHECK(*well);
        CHECK(once.log.lines() ==
              Lines{"info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot",
                    "info  api/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot"});
        CHECK(once.consul.asked.size() == 1);
        CHECK(once.haproxy.violations.empty());
    }

    TEST_CASE("a second one has nothing to do and says nothing") {
        Once once;
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        REQUIRE(once.run());
        const std::size_t said = once.log.lines().size();
        const std::size_t sent = once.runtime.sent.size();
        CHECK(*once.run());
        CHECK(once.log.lines().size() == said);
        CHECK(once.runtime.sent.size() == sent);
    }

    TEST_CASE("what failed is said, and the round was not well") {
        Once once;
        once.haproxy.user_level = true;
        once.settings.only = {"web"};
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        CHECK_FALSE(*once.run());
        CHECK(once.log.lines() ==
              Lines{"warn  web/s1: \"set server web/s1 addr 10.0.0.1 port 80\" failed: HAProxy "
                    "says: Permission denied (the `stats socket` line needs `level admin`)"});
    }

    TEST_CASE("a doubt about Consul holds, and the round was not well") {
        Once once;
        once.settings.only = {"web"};
        once.consul.set("web", model::Unknown(model::Doubt::acl, "the token may not read web"));
        CHECK_FALSE(*once.run());
        CHECK(once.log.lines() ==
              Lines{"warn  web: held, what is live stays (acl): the token may not read web"});
        CHECK(once.runtime.sent.empty());
    }

    TEST_CASE("an empty service is held too, but that is nothing to mend") {
        Once once;
        once.settings.only = {"web"};
        once.consul.set("web", model::Instances());
        CHECK(*once.run());
        CHECK(once.log.lines() ==
              Lines{"warn  web: held, what is live stays (empty): Consul lists no instance; "
                    "on_empty = \"apply\" would empty the backend"});
    }

    TEST_CASE("who waits, who can't be served and which backend is missing is said") {
        Once once;
        once.settings.only = {"web", "shop"};
        model::Instances listed = instances({"a 10.0.0.1:80", "b 10.0.0.2:80", "c 10.0.0.3:80"});
        listed.refused.emplace_back(model::InstanceId("n1", "bad"), "it has no address");
        once.consul.set("web", listed);
        CHECK_FALSE(*once.run());
        CHECK(once.log.lines() ==
              Lines{"warn  backend shop: HAProxy has no backend of this name with slots (add slot "
                    "lines to it (`slotd slots shop 10` prints them), or hand over its servers "
                    "with slots = \"*\" in [backend.shop])",
                    "warn  web: bad on n1 can't be served: it has no address",
                    "warn  web: 1 instance waits for a slot: c on n1 (add slots to the backend's "
                    "server-template)",
                    "info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot",
                    "info  web/s2 ready at 10.0.0.2:80, weight 1: b on n1 takes a free slot"});
    }

    TEST_CASE("a paused backend is left alone, and what it lacks is said") {
        Once once;
        REQUIRE(once.pauses.pause("web", std::nullopt));
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        CHECK(*once.run());
        CHECK(once.log.lines() ==
              Lines{"info  web: paused; would send \"set server web/s1 addr 10.0.0.1 port 80\" "
                    "and 1 more",
                    "info  api/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot"});
        CHECK(once.haproxy.server("web/s1").maint);
    }

    TEST_CASE("HAProxy that can't be read is an error") {
        Once once;
        once.runtime.down = true;
        const auto well = once.run();
        REQUIRE_FALSE(well);
        CHECK(to_string(well.error()) ==
              "socket /run/haproxy.sock: can't connect: Connection refused");
    }
}

TEST_SUITE("survey") {
    TEST_CASE("it plans every group, and sends nothing") {
        Once once;
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        const sync::Survey survey = once.survey();
        REQUIRE(survey.groups.size() == 2);
        for (const sync::Surveyed& group : survey.groups)
            CHECK(show(group.plan) == Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                                            "s1 ready # a on n1 takes a free slot"});
        CHECK(survey.process.pid == once.haproxy.pid());
        CHECK(once.runtime.sent.empty());
        CHECK(sync::is_well(survey));
    }

    TEST_CASE("a group that is held keeps no other from its plan") {
        Once once;
        once.haproxy.add_slots("shop", 1, "shop.service.slots.invalid");
        once.consul.set("web", model::Unknown(model::Doubt::acl, "the token may not read web"));
        once.consul.set("shop", instances({"x 10.0.9.1:90"}));
        const sync::Survey survey = once.survey();
        REQUIRE(survey.groups.size() == 3);
        CHECK(survey.groups[0].held);
        CHECK(survey.groups[0].plan.empty());
        CHECK(survey.groups[1].plan.empty());
        CHECK_FALSE(survey.groups[2].held);
        CHECK(show(survey.groups[2].plan) ==
              Lines{"s1 addr 10.0.9.1:90 # x on n1 takes a free slot", "--",
                    "s1 ready # x on n1 takes a free slot"});
    }

    TEST_CASE("Consul is asked for eight services at a time") {
        Once once;
        for (int i = 0; i < 30; ++i)
            once.haproxy.add_slots("b" + std::to_string(i), 1,
                                   "s" + std::to_string(i) + ".service.slots.invalid");
        const auto result = std::make_shared<std::optional<model::Result<sync::Survey>>>();
        const net::Task task = net::spawn(
            once.io.get_executor(),
            store(sync::survey(once.runtime, once.consul, once.settings, Once::clock()), result));
        run_until(once.io, [&] { return once.consul.asked.size() == 8; });
        run_for(once.io, 20ms);
        CHECK(once.consul.asked.size() == 8);
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        for (int i = 0; i < 30; ++i) once.consul.set("s" + std::to_string(i), model::Instances());
        run_until(once.io, [&] { return result->has_value(); });
        CHECK(once.consul.asked.size() == 31);
        CHECK((*result)->value().groups.size() == 32);
    }

    TEST_CASE("a Consul that can't be reached is not asked for the rest") {
        Once once;
        for (int i = 0; i < 30; ++i) {
            once.haproxy.add_slots("b" + std::to_string(i), 1,
                                   "s" + std::to_string(i) + ".service.slots.invalid");
            once.consul.set("s" + std::to_string(i),
                            model::Unknown(model::Doubt::unreachable, "refused"));
        }
        once.consul.set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        const sync::Survey survey = once.survey();
        CHECK(once.consul.asked.size() <= 8);
        for (const sync::Surveyed& group : survey.groups) CHECK(group.held);
    }

    TEST_CASE("the plan is one for what HAProxy shows after Consul has answered") {
        Once once;
        once.settings.only = {"web"};
        std::size_t reads = 0;
        // The first look sees a backend that a reload then takes away, and gives another.
        once.runtime.after_read = [&] {
            if (++reads == 1) {
                once.haproxy.add_slots("web", 1, "late.service.slots.invalid");
                once.haproxy.run("set server web/s1 addr 10.0.0.1 port 80");
            }
        };
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        once.consul.set("late", instances({"b 10.0.0.2:80"}));
        const sync::Survey survey = once.survey();
        REQUIRE(survey.groups.size() == 2);
        CHECK(show(survey.groups[0].plan) ==
              Lines{"s1 ready # a on n1 takes the slot that has its address"});
        CHECK(survey.groups[1].plan.addresses.size() == 1);
        CHECK(reads == 3);
    }

    TEST_CASE("a token that may read single nodes takes away nothing that no list has named") {
        Once once;
        once.settings.only = {"web"};
        once.haproxy.run("set server web/s1 addr 10.0.0.9 port 80");
        once.haproxy.run("set server web/s1 state ready");
        once.consul.set("web", instances({"a 10.0.0.1:80"}));
        once.consul.unreadable = {""};
        CHECK_FALSE(*once.run());
        CHECK(once.log.lines() ==
              Lines{"warn  web: held, what is live stays (acl): Consul lists no instance at "
                    "10.0.0.9:80, and the token may not read every node, so it may be there all "
                    "the same; give the token node_prefix \"\" read, or free the slot by hand",
                    "info  web/s2 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot"});
        CHECK(once.haproxy.server("web/s1").is_ready());
        once.consul.set("web", model::Instances());
        once.settings.defaults.policy.on_empty = plan::OnEmpty::apply;
        const auto one_group = [&] { return once.survey().groups.front(); };
        CHECK(one_group().plan.empty());
        CHECK(
            one_group().held->detail.starts_with("Consul lists no instance at 10.0.0.9:80 and 1"));
        once.consul.sees = false;
        CHECK(one_group().held->detail.starts_with("the token may not read the service or all"));
    }

    TEST_CASE("what is gone between two looks the token must be able to read") {
        Once once;
        once.settings.only = {"web"};
        once.settings.defaults.policy.confirm = 50ms;
        for (const std::string n : {"1", "2"}) {
            once.haproxy.run("set server web/s" + n + " addr 10.0.0." + n + " port 80");
            once.haproxy.run("set server web/s" + n + " state ready");
        }
        once.consul.set("web", instances({"c 10.0.0.3:80", "d 10.0.0.4:80"}));
        once.runtime.after_read = [&] {
            if (once.runtime.reads != 2)
                return;
            once.consul.unreadable = {"n1"};
            once.consul.set("web", instances({"c 10.0.0.3:80"}));
        };
        CHECK_FALSE(*once.run());
        CHECK(once.log.lines().back().find("(acl): the token may not read the service or the nodes "
                                           "of instances that are gone") != std::string::npos);
        CHECK(once.runtime.sent.empty());
    }
}
