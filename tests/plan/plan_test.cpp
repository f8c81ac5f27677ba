// SPDX-License-Identifier: MIT
#include "slotd/plan/plan.hpp"

#include "support/notation.hpp"

#include <doctest/doctest.h>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

const model::Time plan_now = model::Time() + 1000h;

/// A backend over some rounds: each call is a look at `shown` with `listed` as Consul's answer.
struct Backend {
    plan::Policy policy;
    plan::History history;
    plan::Plan last;

    Lines plan(const Lines& shown, const Lines& listed, model::Time when = plan_now) {
        const auto seen = slots(shown);
        const auto target = plan::make_target(instances(listed), policy);
        plan::observe(history, seen, when);
        const auto seating = plan::seat(seen, target);
        last = plan::make_plan(seen, target, seating, policy, history, when);
        plan::remember(history, seen, target, seating);
        return show(last);
    }

    std::vector<std::size_t> to_count(const Lines& shown, const Lines& listed) {
        const auto seen = slots(shown);
        plan::observe(history, seen, plan_now);
        const auto target = plan::make_target(instances(listed), policy);
        return plan::slots_to_ask(seen, target, plan::seat(seen, target), policy, history,
                                  plan_now);
    }
};

const std::string empty1 = "s1 maint 127.0.0.1:1";
const std::string empty2 = "s2 maint 127.0.0.1:1";

}  // namespace

TEST_SUITE("plan") {
    TEST_CASE(
        "an instance takes a free slot: address first, then weight if it differs, then ready") {
        Backend web;
        CHECK(web.plan({empty1, empty2}, {"a 10.0.0.1:80 weight 5"}) ==
              Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                    "s1 weight 5 # a on n1 takes a free slot",
                    "s1 ready # a on n1 takes a free slot"});
        CHECK(web.plan({empty1, empty2}, {"a 10.0.0.1:80"}) ==
              Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                    "s1 ready # a on n1 takes a free slot"});
    }

    TEST_CASE("nothing to change, nothing sent") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80", empty2}, {"a 10.0.0.1:80"}).empty());
        CHECK_FALSE(web.last.wake);
        CHECK_FALSE(web.last.watches_stat);
        CHECK(web.plan({empty1, empty2}, {}).empty());
    }

    TEST_CASE("free slots are filled longest in maint first") {
        Backend web;
        CHECK(web.plan({"s1 maint 10.0.0.8:80 for 60", "s2 maint 10.0.0.9:80 for 600"},
                       {"a 10.0.0.1:80"})
                  .front() == "s2 addr 10.0.0.1:80 # a on n1 takes a free slot");
    }

    TEST_CASE("an instance that returns takes its old slot, in one phase") {
        Backend web;
        CHECK(web.plan({empty1, "s2 ready 10.0.0.1:80"}, {"a 10.0.0.1:80"}).empty());
        CHECK(web.plan({empty1, "s2 ready 10.0.0.1:80"}, {}) ==
              Lines{"s2 drain # a on n1 is no longer listed by Consul"});
        CHECK(web.plan({empty1, "s2 maint 10.0.0.1:80"}, {"a 10.0.0.1:80 weight 2"}) ==
              Lines{"s2 weight 2 # a on n1 is back and takes its old slot",
                    "s2 ready # a on n1 is back and takes its old slot"});
    }

    TEST_CASE("an instance that returns while its slot drains is ready again in one command") {
        Backend web;
        web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80"});
        web.plan({"s1 ready 10.0.0.1:80"}, {});
        CHECK(web.plan({"s1 drain 10.0.0.1:80"}, {"a 10.0.0.1:80"}) ==
              Lines{"s1 ready # a on n1 is back and takes its old slot"});
    }

    TEST_CASE("nobody moves because somebody else left") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80", "s3 ready 10.0.0.3:80"},
                       {"b 10.0.0.2:80", "c 10.0.0.3:80"}) ==
              Lines{"s1 drain # Consul lists no instance at 10.0.0.1:80"});
    }

    TEST_CASE("newcomers are ready before leavers drain, so that a full exchange leaves no gap") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80", empty2}, {"b 10.0.0.2:80"}) ==
              Lines{"s2 addr 10.0.0.2:80 # b on n1 takes a free slot", "--",
                    "s2 ready # b on n1 takes a free slot",
                    "s1 drain # Consul lists no instance at 10.0.0.1:80"});
    }

    TEST_CASE("a weight change is one command") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 1"}, {"a 10.0.0.1:80 weight 10"}) ==
              Lines{"s1 weight 10 # a on n1 has weight 10, its slot 1"});
    }

    TEST_CASE("a fixed weight beats Consul's; one beyond 256 is cut and said") {
        Backend web;
        web.policy.weight = model::Weight::clamped(7);
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 7"}, {"a 10.0.0.1:80 weight 10"}).empty());

        const auto target = plan::make_target(instances({"a 10.0.0.1:80 weight 1000"}), {});
        CHECK(target.wanted[0].weight.value() == 256);
        REQUIRE(target.clamped.size() == 1);
        CHECK(target.clamped[0].why == "weight 1000 is beyond HAProxy's 256");
    }

    TEST_CASE("an instance without a slot of its own has no weight that could be cut") {
        const auto cut = [](const Lines& texts) {
            Lines ids;
            for (const model::Refused& one : plan::make_target(instances(texts), {}).clamped)
                ids.push_back(to_string(one.id));
            return ids;
        };
        CHECK(cut({"a 10.0.0.1:80", "b 10.0.0.1:80 weight 1000"}).empty());
        CHECK(cut({"a 10.0.0.1:80 weight 1000", "b 10.0.0.1:80"}) == Lines{"a on n1"});
        // b serves in the place of a.
        CHECK(cut({"a 10.0.0.1:80 weight 1000 critical", "b 10.0.0.1:80"}).empty());
        CHECK(cut({"a 10.0.0.1:80 critical", "b 10.0.0.1:80 weight 1000"}) == Lines{"b on n1"});
    }

    TEST_CASE("a static balance algorithm gets no weights but none and as configured") {
        Backend web;
        web.history.static_algorithm = true;
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 1"}, {"a 10.0.0.1:80 weight 10"}).empty());
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 1"}, {"a 10.0.0.1:80 weight 0"}) ==
              Lines{"s1 weight 0 # a on n1 has weight 0, its slot 1"});
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 0"}, {"a 10.0.0.1:80 weight 10"}) ==
              Lines{"s1 weight 1 # a on n1 has weight 10, its slot 0"});
    }

    TEST_CASE("as configured is what the slot's line says") {
        Backend web;
        web.history.static_algorithm = true;
        const Lines five{"a 10.0.0.1:80 weight 5"};
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 10 line-weight 10"}, five).empty());
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 0 line-weight 10"}, five) ==
              Lines{"s1 weight 10 # a on n1 has weight 5, its slot 0"});
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 10 line-weight 10"},
                       {"a 10.0.0.1:80 weight 0"}) ==
              Lines{"s1 weight 0 # a on n1 has weight 0, its slot 10"});
        CHECK(web.plan({"s1 maint 10.0.0.9:80 weight 0 line-weight 10"}, five) ==
              Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                    "s1 weight 10 # a on n1 takes a free slot",
                    "s1 ready # a on n1 takes a free slot"});
        // `weight 0` on the line: there is nothing that HAProxy would take.
        CHECK(web.plan({"s1 ready 10.0.0.1:80 weight 0 line-weight 0"}, five).empty());
    }

    TEST_CASE(
        "a leaving slot drains until its sessions end or its time is over, then goes to maint") {
        Backend web;
        const Lines ready{"s1 ready 10.0.0.1:80"};
        web.plan(ready, {"a 10.0.0.1:80"});
        CHECK(web.plan(ready, {}) == Lines{"s1 drain # a on n1 is no longer listed by Consul"});
        CHECK(web.last.watches_stat);

        CHECK(web.plan({"s1 drain 10.0.0.1:80"}, {}).empty());
        CHECK(web.last.wake == plan_now + 30s);
        CHECK(web.last.watches_stat);
        CHECK(web.plan({"s1 drain 10.0.0.1:80 sessions 2"}, {}, plan_now + 29s).empty());
        CHECK(web.plan({"s1 drain 10.0.0.1:80 sessions 0"}, {}, plan_now + 29s) ==
              Lines{"s1 maint # a on n1 is no longer listed by Consul; no session is left on it"});
        CHECK(web.plan({"s1 drain 10.0.0.1:80 sessions 2"}, {}, plan_now + 30s) ==
              Lines{"s1 maint # a on n1 is no longer listed by Consul; its time to drain (30s) is "
                    "over with 2 sessions left"});
    }

    TEST_CASE("the time to drain does not depend on what HAProxy says of the last change") {
        Backend web;
        CHECK(web.plan({"s1 drain 10.0.0.1:80 for 9999"}, {}).empty());
        CHECK(web.last.wake == plan_now + 30s);
    }

    TEST_CASE("without a time to drain a leaving slot goes to maint at once") {
        Backend web;
        web.policy.drain = 0s;
        CHECK(web.plan({"s1 ready 10.0.0.1:80"}, {}) ==
              Lines{"s1 maint # Consul lists no instance at 10.0.0.1:80"});
    }

    TEST_CASE("a draining slot is not filled") {
        Backend web;
        CHECK(web.plan({"s1 drain 10.0.0.1:80"}, {"b 10.0.0.2:80"}).empty());
        CHECK(web.last.waiting == std::vector{model::InstanceId("n1", "b")});
        CHECK(web.last.wake == plan_now + 30s);
    }

    TEST_CASE("a slot rests in maint until its sessions end or the time to drain is over") {
        Backend web;
        const Lines listed{"b 10.0.0.2:80"};
        CHECK(web.plan({"s1 maint 10.0.0.1:80 for 5"}, listed).empty());
        CHECK(web.last.wake == plan_now + 25s);
        CHECK(web.last.watches_stat);
        CHECK(web.last.waiting.size() == 1);
        CHECK(web.plan({"s1 maint 10.0.0.1:80 for 5 sessions 1"}, listed).empty());
        CHECK(web.plan({"s1 maint 10.0.0.1:80 for 5 sessions 0"}, listed).size() == 3);
        CHECK(web.plan({"s1 maint 10.0.0.1:80 for 30"}, listed, plan_now + 25s).size() == 3);
    }

    TEST_CASE("the time a slot drained counts towards its rest") {
        Backend web;
        web.plan({"s1 drain 10.0.0.1:80"}, {});
        CHECK(web.plan({"s1 maint 10.0.0.1:80 for 0 sessions 3"}, {"b 10.0.0.2:80"}, plan_now + 30s)
                  .front() == "s1 addr 10.0.0.2:80 # b on n1 takes a free slot");
    }

    TEST_CASE("sessions are counted only where the plan depends on them") {
        struct Row {
            Lines shown;
            Lines listed;
            std::vector<std::size_t> expected;
        };
        const std::vector<Row> rows{
            {{"s1 ready 10.0.0.1:80", "s2 maint 10.0.0.2:80 for 0"}, {"a 10.0.0.1:80"}, {}},
            {{"s1 drain 10.0.0.1:80", empty2}, {}, {0}},
            {{"s1 drain 10.0.0.1:80", empty2}, {"a 10.0.0.1:80"}, {}},
            {{"s1 maint 10.0.0.1:80 for 0", empty2}, {"b 10.0.0.2:80"}, {}},
            {{"s1 maint 10.0.0.1:80 for 0"}, {"b 10.0.0.2:80"}, {0}},
        };
        for (const Row& row : rows)
            CHECK(Backend().to_count(row.shown, row.listed) == row.expected);
    }

    TEST_CASE("instances beyond the slots wait by name and take the next free slot") {
        Backend web;
        CHECK(
            web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80", "b 10.0.0.2:80", "c 10.0.0.3:80"})
                .empty());
        CHECK(web.last.waiting ==
              std::vector{model::InstanceId("n1", "b"), model::InstanceId("n1", "c")});
        CHECK_FALSE(web.last.wake);
    }

    TEST_CASE("a critical instance goes to maint and keeps its slot") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80 critical"}) ==
              Lines{"s1 maint # a on n1 is critical in Consul"});
        CHECK(web.plan({"s1 maint 10.0.0.1:80"}, {"a 10.0.0.1:80 critical", "b 10.0.0.2:80"})
                  .empty());
        CHECK(web.last.waiting.size() == 1);
        CHECK(web.plan({"s1 maint 10.0.0.1:80"}, {"a 10.0.0.1:80"}) ==
              Lines{"s1 ready # a on n1 may serve again"});
    }

    TEST_CASE("on_critical drain lets open connections end first") {
        Backend web;
        web.policy.on_critical = plan::OnCritical::drain;
        CHECK(web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80 critical"}) ==
              Lines{"s1 drain # a on n1 is critical in Consul"});
        CHECK(web.plan({"s1 drain 10.0.0.1:80 sessions 0"}, {"a 10.0.0.1:80 critical"}) ==
              Lines{"s1 maint # a on n1 is critical in Consul; no session is left on it"});
        CHECK(web.plan({"s1 maint 10.0.0.1:80"}, {"a 10.0.0.1:80 critical"}).empty());
    }

    TEST_CASE("a critical instance without a slot gets none") {
        Backend web;
        CHECK(web.plan({empty1}, {"a 10.0.0.1:80 critical"}).empty());
        CHECK(web.last.waiting.empty());
    }

    TEST_CASE("on_warning says what a warning instance does") {
        struct Row {
            plan::OnWarning on_warning;
            Lines expected;
        };
        const std::vector<Row> rows{
            {plan::OnWarning::serve, {"s1 weight 3 # a on n1 has weight 3, its slot 1"}},
            {plan::OnWarning::drain, {"s1 drain # a on n1 is warning in Consul"}},
            {plan::OnWarning::maint, {"s1 maint # a on n1 is warning in Consul"}},
        };
        for (const Row& row : rows) {
            Backend web;
            web.policy.on_warning = row.on_warning;
            CHECK(web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80 warning warning-weight 3"}) ==
                  row.expected);
        }
    }

    TEST_CASE("maintenance in Consul drains, then rests, and keeps the slot") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80 maintenance"}) ==
              Lines{"s1 drain # a on n1 is in maintenance in Consul"});
        CHECK(web.plan({"s1 drain 10.0.0.1:80 sessions 0"}, {"a 10.0.0.1:80 maintenance"}) ==
              Lines{"s1 maint # a on n1 is in maintenance in Consul; no session is left on it"});
    }

    TEST_CASE("an instance at a new address moves to another slot") {
        Backend web;
        CHECK(web.plan({"s1 ready 10.0.0.1:80", empty2}, {"a 10.0.0.1:81"}) ==
              Lines{"s2 addr 10.0.0.1:81 # a on n1 takes a free slot", "--",
                    "s2 ready # a on n1 takes a free slot",
                    "s1 drain # Consul lists no instance at 10.0.0.1:80"});
    }

    TEST_CASE("two registrations of one address share a slot, and one that may serve decides") {
        Backend web;
        CHECK(web.plan({empty1, empty2}, {"a 10.0.0.1:80 critical", "b 10.0.0.1:80"}) ==
              Lines{"s1 addr 10.0.0.1:80 # b on n1 takes a free slot", "--",
                    "s1 ready # b on n1 takes a free slot"});
        const auto target =
            plan::make_target(instances({"a 10.0.0.1:80", "b 10.0.0.1:80"}), plan::Policy());
        REQUIRE(target.duplicates.size() == 1);
        CHECK(target.duplicates[0].id.id == "b");
        CHECK(target.duplicates[0].why == "its address 10.0.0.1:80 is also that of a on n1");
    }

    TEST_CASE("a target finds each of its instances by the address, and no other") {
        const auto target = plan::make_target(
            instances({"a 10.0.0.9:80", "b 10.0.0.1:80", "c 10.0.0.9:80", "d 10.0.0.1:79"}),
            plan::Policy());
        REQUIRE(target.wanted.size() == 3);
        for (std::size_t w = 0; w < 3; ++w) CHECK(target.find(target.wanted[w].at) == w);
        const auto at = [](const std::string& text, int port) {
            return model::AddressPort(*model::Address::parse(text), *model::Port::from(port));
        };
        CHECK_FALSE(target.find(at("10.0.0.9", 81)));
        CHECK_FALSE(target.find(at("10.0.0.2", 80)));
        CHECK_FALSE(plan::Target().find(at("10.0.0.1", 80)));
    }

    TEST_CASE("of two slots with one address the one in use stays, the other leaves") {
        Backend web;
        CHECK(web.plan({"s1 maint 10.0.0.1:80", "s2 ready 10.0.0.1:80", "s3 ready 10.0.0.1:80"},
                       {"a 10.0.0.1:80"}) == Lines{"s3 drain # another slot has 10.0.0.1:80 too"});
    }

    TEST_CASE("someone else's change to a slot is put right, with the reason") {
        Backend web;
        web.plan({"s1 ready 10.0.0.1:80"}, {"a 10.0.0.1:80"});
        CHECK(web.plan({"s1 maint 10.0.0.1:80"}, {"a 10.0.0.1:80"}) ==
              Lines{"s1 ready # a on n1 is to serve, but its slot was in maint"});
        CHECK(web.plan({"s1 ready 10.9.9.9:80", empty2}, {"a 10.0.0.1:80"}) ==
              Lines{"s2 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                    "s2 ready # a on n1 takes a free slot",
                    "s1 drain # Consul lists no instance at 10.9.9.9:80"});
    }

    TEST_CASE("a slot that refused an address is not filled again before its time") {
        Backend web;
        web.history.avoid_until.emplace(*model::ServerName::parse("s1"), plan_now + 10s);
        CHECK(web.plan({empty1, empty2}, {"a 10.0.0.1:80"}).front() ==
              "s2 addr 10.0.0.1:80 # a on n1 takes a free slot");
        CHECK(web.plan({empty1}, {"a 10.0.0.1:80"}).empty());
        CHECK(web.last.wake == plan_now + 10s);
        CHECK(web.plan({empty1}, {"a 10.0.0.1:80"}, plan_now + 10s).size() == 3);
    }

    TEST_CASE("a slot without an address can be filled, and leaves when it is ready") {
        Backend web;
        CHECK(web.plan({"s1 maint -"}, {"a 10.0.0.1:80"}).size() == 3);
        CHECK(web.plan({"s1 ready -"}, {}) == Lines{"s1 drain # the slot has no address"});
    }
}
