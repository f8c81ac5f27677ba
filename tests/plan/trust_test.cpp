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
              "none of Consul's instances can be served; their registrations need mending "
              "(on_empty = \"apply\" would empty the backend)");
    }
}
