// SPDX-License-Identifier: MIT
#include "slotd/plan/plan.hpp"
#include "support/notation.hpp"

#include <doctest/doctest.h>

using namespace slotd;
using namespace slotd::testing;
using Lines = std::vector<std::string>;

namespace {

const model::Time now = model::Time() + std::chrono::hours(1000);

/// One slot with `check` over some rounds.
struct Gated {
    plan::Policy policy;
    plan::History history;
    plan::Plan last;

    Gated() { policy.gate = true; }

    Lines plan(const std::string& shown, const Lines& listed,
               plan::Check check = plan::Check::none) {
        auto seen = slots({shown});
        seen[0].server.has_check = true;
        seen[0].check = check;
        const auto target = plan::make_target(instances(listed), policy);
        plan::observe(history, seen, now);
        const auto seating = plan::seat(seen, target);
        last = plan::make_plan(seen, target, seating, policy, history, now);
        plan::remember(history, seen, target, seating);
        return show(last);
    }
};

}  // namespace

TEST_SUITE("gate") {
    TEST_CASE("a new instance is checked in drain and serves once the check has passed") {
        Gated web;
        CHECK(web.plan("s1 maint 127.0.0.1:1", {"a 10.0.0.1:80 weight 2"}) ==
              Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                    "s1 weight 2 # a on n1 takes a free slot",
                    "s1 drain # a on n1 serves once HAProxy's own check has passed"});
        CHECK(web.plan("s1 drain 10.0.0.1:80 weight 2", {"a 10.0.0.1:80 weight 2"}).empty());
        CHECK(web.last.watches_stat);
        CHECK(web.last.gated == std::vector{model::InstanceId("n1", "a")});
        CHECK(web.plan("s1 drain 10.0.0.1:80 weight 2", {"a 10.0.0.1:80 weight 2"},
                       plan::Check::failed)
                  .empty());
        CHECK(web.last.watches_stat);
        CHECK(web.plan("s1 drain 10.0.0.1:80 weight 2", {"a 10.0.0.1:80 weight 2"},
                       plan::Check::passed) ==
              Lines{"s1 ready # HAProxy's own check of a on n1 has passed"});
        CHECK(web.plan("s1 ready 10.0.0.1:80 weight 2", {"a 10.0.0.1:80 weight 2"}).empty());
        CHECK_FALSE(web.last.watches_stat);
        CHECK(web.last.gated.empty());
    }

    TEST_CASE("an instance that returns while it drains, with a good check, is ready at once") {
        Gated web;
        web.plan("s1 ready 10.0.0.1:80", {"a 10.0.0.1:80"});
        web.plan("s1 ready 10.0.0.1:80", {});
        CHECK(web.plan("s1 drain 10.0.0.1:80", {"a 10.0.0.1:80"}, plan::Check::passed) ==
              Lines{"s1 ready # a on n1 is back and takes its old slot"});
    }

    TEST_CASE("where HAProxy does not tell, there is no gate, and the reason says so") {
        Gated web;
        web.plan("s1 maint 127.0.0.1:1", {"a 10.0.0.1:80"});
        web.plan("s1 drain 10.0.0.1:80", {"a 10.0.0.1:80"});
        CHECK(web.plan("s1 drain 10.0.0.1:80", {"a 10.0.0.1:80"}, plan::Check::untold) ==
              Lines{"s1 ready # a on n1 serves unchecked: with `fall 1` HAProxy does not tell "
                    "whether its check has passed"});
    }

    TEST_CASE("an instance that returns from maint is checked again") {
        Gated web;
        CHECK(web.plan("s1 maint 10.0.0.1:80", {"a 10.0.0.1:80"}) ==
              Lines{"s1 drain # a on n1 serves once HAProxy's own check has passed"});
    }

    TEST_CASE("an instance that leaves behind the gate ends in maint") {
        Gated web;
        web.plan("s1 drain 10.0.0.1:80", {"a 10.0.0.1:80"});
        auto seen = slots({"s1 drain 10.0.0.1:80 sessions 0"});
        const plan::Target nobody;
        const auto plan =
            plan::make_plan(seen, nobody, plan::seat(seen, nobody), web.policy, web.history, now);
        CHECK(show(plan) ==
              Lines{"s1 maint # a on n1 is no longer listed by Consul; no session is left on it"});
    }

    TEST_CASE("slots without `check` and backends without `gate` have no gate") {
        plan::Policy policy;
        policy.gate = true;
        const auto target = plan::make_target(instances({"a 10.0.0.1:80"}), policy);
        const Lines filled{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot", "--",
                           "s1 ready # a on n1 takes a free slot"};
        auto seen = slots({"s1 maint 127.0.0.1:1"});
        plan::History history;
        plan::observe(history, seen, now);
        const auto seating = plan::seat(seen, target);
        CHECK(show(plan::make_plan(seen, target, seating, policy, history, now)) == filled);
        seen[0].server.has_check = true;
        policy.gate = false;
        CHECK(show(plan::make_plan(seen, target, seating, policy, history, now)) == filled);
    }

    TEST_CASE("what show stat says is asked for where a gate waits for it") {
        plan::Policy policy;
        const auto target = plan::make_target(instances({"a 10.0.0.1:80"}), policy);
        const auto seen = slots({"s1 drain 10.0.0.1:80"});
        const auto seating = plan::seat(seen, target);
        CHECK(plan::slots_to_ask(seen, target, seating, policy, plan::History(), now).empty());
        policy.gate = true;
        CHECK(plan::slots_to_ask(seen, target, seating, policy, plan::History(), now) ==
              std::vector<std::size_t>{0});
    }
}
