// SPDX-License-Identifier: MIT
#include "slotd/plan/trust.hpp"

#include "support/notation.hpp"

#include <doctest/doctest.h>

using namespace slotd;

TEST_SUITE("trust") {
    TEST_CASE("a list is followed") {
        CHECK_FALSE(plan::why_hold(slotd::testing::instances({"a 10.0.0.1:80"}), plan::Policy()));
        CHECK_FALSE(
            plan::why_hold(slotd::testing::instances({"a 10.0.0.1:80 critical"}), plan::Policy()));
    }

    TEST_CASE("unknown is held, whatever on_empty says") {
        plan::Policy policy;
        const model::Unknown unknown(model::Doubt::no_leader, "No cluster leader");
        CHECK(plan::why_hold(unknown, policy) == unknown);
        policy.on_empty = plan::OnEmpty::apply;
        CHECK(plan::why_hold(unknown, policy) == unknown);
    }

    TEST_CASE("an empty list is held unless on_empty says apply") {
        plan::Policy policy;
        const auto hold = plan::why_hold(model::Instances(), policy);
        REQUIRE(hold);
        CHECK(hold->doubt == model::Doubt::empty);
        CHECK(hold->detail ==
              "Consul lists no instance; on_empty = \"apply\" would empty the backend");
        policy.on_empty = plan::OnEmpty::apply;
        CHECK_FALSE(plan::why_hold(model::Instances(), policy));
    }

    TEST_CASE("a list of which nothing can be served counts as empty") {
        model::Instances answer;
        answer.refused.emplace_back(model::InstanceId("n1", "a"), "port 0");
        const auto hold = plan::why_hold(answer, plan::Policy());
        REQUIRE(hold);
        CHECK(hold->detail ==
              "none of the instances that Consul lists can be served; they need mending "
              "(on_empty = \"apply\" would empty the backend)");
    }
}

namespace {

std::string doubted(const std::vector<std::string>& shown, const std::vector<std::string>& listed,
                    const plan::Policy& policy = plan::Policy()) {
    const auto slots = slotd::testing::slots(shown);
    const auto target = plan::make_target(slotd::testing::instances(listed), policy);
    const auto removal =
        plan::doubt(slots, target, plan::seat(slots, target), policy, plan::History());
    if (!removal)
        return "apply";
    CHECK(removal->why.doubt == model::Doubt::large_removal);
    return (removal->removals == plan::Removals::keep_all ? "keep all: " : "keep unlisted: ") +
           removal->why.detail;
}

}  // namespace

TEST_SUITE("doubt") {
    TEST_CASE("more than the share of what serves is doubted, as much is not") {
        const std::vector<std::string> four{"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80",
                                            "s3 ready 10.0.0.3:80", "s4 ready 10.0.0.4:80"};
        CHECK(doubted(four, {"a 10.0.0.1:80", "b 10.0.0.2:80"}) == "apply");
        CHECK(doubted(four, {"a 10.0.0.1:80"}) ==
              "keep unlisted: Consul no longer lists 3 of 4 instances that serve; they go if that "
              "is still so after `confirm`");
        plan::Policy policy;
        policy.large_removal = 100;
        CHECK(doubted(four, {"a 10.0.0.1:80"}, policy) == "apply");
        policy.large_removal = 0;
        CHECK(doubted(four, {"a 10.0.0.1:80", "b 10.0.0.2:80", "c 10.0.0.3:80"}, policy) ==
              "keep unlisted: Consul no longer lists 1 of 4 instances that serve; they go if that "
              "is still so after `confirm`");
    }

    TEST_CASE("only slots that serve count, and instances that came meanwhile make up for others") {
        CHECK(doubted({"s1 drain 10.0.0.1:80", "s2 maint 10.0.0.2:80"}, {"c 10.0.0.3:80"}) ==
              "apply");
        CHECK(doubted({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80"}, {"b 10.0.0.2:80"}) ==
              "apply");
        CHECK(doubted({"s1 ready 10.0.0.1:80"}, {"b 10.0.0.2:80"}) ==
              "keep unlisted: Consul no longer lists 1 of 1 instance that serves; they go if that "
              "is still so after `confirm`");
    }

    TEST_CASE("an empty list is always doubted where something serves") {
        plan::Policy policy;
        policy.large_removal = 100;
        policy.on_empty = plan::OnEmpty::apply;
        CHECK(doubted({"s1 ready 10.0.0.1:80"}, {}, policy) ==
              "keep unlisted: Consul no longer lists 1 of 1 instance that serves; they go if that "
              "is still so after `confirm`");
        CHECK(doubted({"s1 maint 10.0.0.1:80"}, {}, policy) == "apply");
    }

    TEST_CASE("checks that take away the last that serves are doubted, maintenance is not") {
        const std::vector<std::string> two{"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80"};
        CHECK(doubted(two, {"a 10.0.0.1:80 critical", "b 10.0.0.2:80"}) == "apply");
        CHECK(doubted(two, {"a 10.0.0.1:80 critical", "b 10.0.0.2:80 critical"}) ==
              "keep all: Consul takes away all 2 instances that serve, by their checks; they go if "
              "that is still so after `confirm`");
        CHECK(doubted(two, {"a 10.0.0.1:80 maintenance", "b 10.0.0.2:80 maintenance"}) == "apply");
    }

    TEST_CASE("who serves on is who takes traffic in the end, not who is only healthy") {
        const std::vector<std::string> two{"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80"};
        const std::vector<std::string> ill{"a 10.0.0.1:80 critical", "b 10.0.0.2:80 critical",
                                           "c 10.0.0.3:80"};
        const std::string all =
            "keep all: Consul takes away all 2 instances that serve, by their checks; they go if "
            "that is still so after `confirm`";
        // One who waits for a slot does not.
        CHECK(doubted(two, ill) == all);
        std::vector<std::string> three = two;
        three.emplace_back("s3 maint 127.0.0.1:1");
        CHECK(doubted(three, ill) == "apply");
        three.back() = "s3 drain 10.0.0.9:80";
        CHECK(doubted(three, ill) == all);
        three.back() = "s3 drain 10.0.0.3:80";
        CHECK(doubted(three, ill) == "apply");
        std::vector<std::string> weightless = ill;
        weightless.back() += " weight 0";
        CHECK(doubted(three, weightless) == all);
        // Whose slot HAProxy checks first may never.
        plan::Policy gated;
        gated.gate = true;
        for (const char* slot : {"s3 maint 127.0.0.1:1", "s3 drain 10.0.0.3:80"}) {
            three.back() = slot;
            CHECK(doubted(three, ill, gated) == "apply");
            three.back() += " check 1";
            CHECK(doubted(three, ill, gated) == all);
        }
        three.back() = "s3 ready 10.0.0.3:80 check 1";
        CHECK(doubted(three, ill, gated) == "apply");
    }

    TEST_CASE("checks that leave no weight take away as well, a weight of 0 by hand does not") {
        const std::vector<std::string> two{"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80"};
        const std::vector<std::string> warning{"a 10.0.0.1:80 warning warning-weight 0",
                                               "b 10.0.0.2:80 warning warning-weight 0"};
        CHECK(doubted(two, warning) ==
              "keep all: Consul takes away all 2 instances that serve, by their checks; they go if "
              "that is still so after `confirm`");
        CHECK(doubted(two, {warning[0], "b 10.0.0.2:80"}) == "apply");
        CHECK(doubted(two, {warning[0], "b 10.0.0.2:80 warning"}) == "apply");
        CHECK(doubted({"s1 ready 10.0.0.1:80 weight 0", "s2 ready 10.0.0.2:80 weight 0"},
                      warning) == "apply");
        CHECK(doubted(two, {"a 10.0.0.1:80 weight 0", "b 10.0.0.2:80 weight 0"}) == "apply");
        plan::Policy policy;
        policy.weight = model::Weight::clamped(7);
        CHECK(doubted(two, warning, policy) == "apply");
    }

    TEST_CASE("a second slot with the same address takes nothing away") {
        CHECK(doubted({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.1:80", "s3 ready 10.0.0.1:80"},
                      {"a 10.0.0.1:80"}) == "apply");
    }

    TEST_CASE("what no list has named stays for a token that may not read every node") {
        const auto shown = slotd::testing::slots({"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80",
                                                  "s3 ready 10.0.0.3:80", "s4 ready 10.0.0.1:80",
                                                  "s5 drain 10.0.0.5:80", "s6 ready 127.0.0.1:1"});
        const plan::Policy policy;
        const model::Time now = model::Time() + std::chrono::hours(1000);
        plan::History history;
        const auto text = [&](const plan::Target& target) {
            const auto held = plan::out_of_sight(shown, target, history);
            return held ? to_string(held->doubt).data() + (": " + held->detail) : "none";
        };
        const auto plan_of = [&](const plan::Target& target) {
            return slotd::testing::show(
                plan::make_plan(shown, target, plan::seat(shown, target), policy, history, now));
        };
        auto target = plan::make_target(slotd::testing::instances({"a 10.0.0.1:80"}), policy);
        CHECK(text(target) == "none");
        target.whole = false;
        CHECK(text(target) ==
              "acl: Consul lists no instance at 10.0.0.2:80 and 1 more, and the token may not read "
              "every node, so it may be there all the same; give the token node_prefix \"\" read, "
              "or free the slot by hand");
        using Lines = std::vector<std::string>;
        CHECK(plan_of(target) == Lines{"s4 drain # another slot has 10.0.0.1:80 too",
                                       "s6 drain # Consul lists no instance at 127.0.0.1:1"});
        // They are no loss that would have to be confirmed.
        CHECK_FALSE(plan::doubt(shown, target, plan::seat(shown, target), policy, history));

        history.seats.emplace(
            shown[1].server.id.server,
            plan::History::Seat(slotd::testing::at("10.0.0.2:80"), "b on n1", plan::Role::serve));
        history.seats.emplace(
            shown[2].server.id.server,
            plan::History::Seat(slotd::testing::at("10.0.0.9:80"), "c on n1", plan::Role::serve));
        CHECK(text(target).find("10.0.0.3:80, and") != std::string::npos);
        CHECK(plan_of(target).front() == "s2 drain # b on n1 is no longer listed by Consul");
    }

    TEST_CASE("what is doubted stays, what comes goes ahead") {
        const auto shown = slotd::testing::slots(
            {"s1 ready 10.0.0.1:80", "s2 ready 10.0.0.2:80 weight 3", "s3 maint 127.0.0.1:1"});
        const plan::Policy policy;
        const model::Time now = model::Time() + std::chrono::hours(1000);
        plan::History history;
        plan::observe(history, shown, now);
        const auto plan_of = [&](const std::vector<std::string>& listed, plan::Removals removals) {
            const auto target = plan::make_target(slotd::testing::instances(listed), policy);
            return slotd::testing::show(plan::make_plan(shown, target, plan::seat(shown, target),
                                                        policy, history, now, removals));
        };
        using Lines = std::vector<std::string>;
        CHECK(plan_of({"c 10.0.0.3:80"}, plan::Removals::keep_unlisted) ==
              Lines{"s3 addr 10.0.0.3:80 # c on n1 takes a free slot", "--",
                    "s3 ready # c on n1 takes a free slot"});
        CHECK(plan_of({"a 10.0.0.1:80 critical"}, plan::Removals::keep_unlisted) ==
              Lines{"s1 maint # a on n1 is critical in Consul"});
        CHECK(plan_of({"a 10.0.0.1:80 critical"}, plan::Removals::keep_all).empty());
        const std::vector<std::string> warning{"a 10.0.0.1:80 warning warning-weight 0",
                                               "b 10.0.0.2:80 weight 4"};
        CHECK(plan_of(warning, plan::Removals::keep_all) ==
              Lines{"s2 weight 4 # b on n1 has weight 4, its slot 3"});
        CHECK(plan_of(warning, plan::Removals::apply).size() == 2);
    }
}
