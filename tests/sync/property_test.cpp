// SPDX-License-Identifier: MIT
// What holds for every plan, over random backends, instances and histories: whole rounds by the
// text of the commands, against an HAProxy that obeys it. Here, because only this layer has both
// the plan and the text.
#include "slotd/sync/round.hpp"
#include "slotd/sync/survey.hpp"
#include "support/fake_consul.hpp"
#include "support/random_case.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

constexpr int cases = 600;

/// Each case in turn; what fails says how to replay it.
void for_all(void (*check)(RandomCase&)) {
    const std::uint64_t first = first_seed();
    for (std::uint64_t seed = first; seed < first + cases; ++seed) {
        RandomCase one(seed);
        one.haproxy.violations.clear();
        INFO("SLOTD_SEED=", seed);
        check(one);
        INFO(one.story());
        REQUIRE(one.haproxy.violations.empty());
    }
}

void is_as_wanted(RandomCase& one) {
    INFO(one.story());
    const auto serve = one.to_serve();
    std::size_t kept = 0;
    std::size_t slots = 0;
    for (const FakeServer& slot : one.slots()) {
        if (!slot.is_slot)
            continue;
        ++slots;
        REQUIRE_FALSE(slot.drain);
        if (slot.maint) {
            kept += one.keeps_its_slot(where(slot)) ? 1 : 0;
            continue;
        }
        REQUIRE(serve.contains(where(slot)));
        REQUIRE(slot.weight == one.weight_for(serve.at(where(slot))));
    }
    const auto ready = one.ready();
    for (const auto& [address, those] : ready) REQUIRE(those.size() == 1);
    REQUIRE(one.last.waiting.size() == serve.size() - ready.size());
    if (!one.last.waiting.empty())
        REQUIRE(ready.size() + kept == slots);
    REQUIRE(one.haproxy.server("web/fixed").at == FakeServer::Where("10.0.0.1", 80));
    REQUIRE(one.haproxy.server("web/fixed").is_ready());
}

/// How often `part` stands in the commands of a plan.
std::size_t count(const std::vector<model::Step>& steps, const std::string& part) {
    return static_cast<std::size_t>(
        std::count_if(steps.begin(), steps.end(), [&](const model::Step& step) {
            return haproxy::format(step.command).find(part) != std::string::npos;
        }));
}

void is_the_least(RandomCase& one) {
    one.plan();
    INFO(one.story());
    const auto serve = one.to_serve();
    const auto ready = one.ready();
    std::set<std::string> seated;
    std::size_t leaving = 0;
    std::size_t reweighed = 0;
    for (const FakeServer& slot : one.slots()) {
        if (!slot.is_slot)
            continue;
        seated.insert(where(slot));
        leaving += slot.maint ? 0 : 1;
    }
    std::size_t without_slot = 0;
    std::size_t to_ready = 0;
    for (const auto& [address, weight] : serve) {
        without_slot += seated.contains(address) ? 0 : 1;
        to_ready += ready.contains(address) ? 0 : 1;
        leaving -= ready.contains(address) ? 1 : 0;
        for (const FakeServer& slot : one.slots())
            reweighed += slot.is_slot && where(slot) == address && slot.weight != weight ? 1 : 0;
    }
    const auto& changes = one.last.changes;
    REQUIRE(one.last.addresses.size() <= without_slot);
    REQUIRE(one.last.addresses.size() + one.last.waiting.size() == without_slot);
    REQUIRE(count(changes, " state ready") == to_ready - one.last.waiting.size());
    REQUIRE(count(changes, " state drain") + count(changes, " state maint") <= leaving);
    REQUIRE(count(changes, " weight ") <= reweighed + one.last.addresses.size());

    std::set<std::string> said;
    for (const model::Step& step : changes) {
        const std::string text = haproxy::format(step.command);
        REQUIRE(said.insert(text.substr(0, text.rfind(' '))).second);
    }
}

}  // namespace

TEST_SUITE("properties of rounds") {
    TEST_CASE("whatever was there, rounds end at the target, and then nothing is left to do") {
        for_all([](RandomCase& one) {
            REQUIRE(one.converges());
            is_as_wanted(one);
        });
    }

    TEST_CASE("through changes, other people's doings, reloads and lost memory too") {
        for_all([](RandomCase& one) {
            for (int i = 0; i < 4; ++i) {
                one.round();
                one.live_on();
                if (one.random.one_in(2))
                    one.relist();
            }
            REQUIRE(one.converges());
            is_as_wanted(one);
        });
    }

    TEST_CASE("nobody who serves moves because others come or leave") {
        for_all([](RandomCase& one) {
            for (int i = 0; i < 4; ++i) {
                const auto before = one.ready();
                one.round();
                INFO(one.story());
                const auto after = one.ready();
                for (const auto& [address, weight] : one.to_serve()) {
                    const auto was = before.find(address);
                    if (was == before.end())
                        continue;
                    REQUIRE(after.contains(address));
                    REQUIRE(after.at(address).size() == 1);
                    REQUIRE(was->second.contains(*after.at(address).begin()));
                }
                one.pass(1s);
                one.relist();
            }
        });
    }

    TEST_CASE("an address is never on two ready slots once slotd has looked") {
        for_all([](RandomCase& one) {
            for (int i = 0; i < 4; ++i) {
                one.round();
                INFO(one.story());
                for (const auto& [address, those] : one.ready()) REQUIRE(those.size() == 1);
                one.pass(1s);
                one.relist();
            }
        });
    }

    TEST_CASE("no plan has a command that could be left out") {
        for_all(is_the_least);
    }

    TEST_CASE("a plan that is cut off after any command and begun anew ends at the target") {
        for_all([](RandomCase& one) {
            one.runtime.cut_after = one.random.number(12);
            one.round();
            one.runtime.cut_after.reset();
            one.history = plan::History();
            REQUIRE(one.converges());
            is_as_wanted(one);
        });
    }

    TEST_CASE("an unknown answer plans nothing, whatever is live") {
        for_all([](RandomCase& one) {
            FakeConsul consul(one.io.get_executor());
            consul.set("web", model::Unknown(
                                  one.random.of({model::Doubt::unreachable, model::Doubt::no_leader,
                                                 model::Doubt::acl, model::Doubt::index_reset}),
                                  "for a test"));
            sync::Settings settings;
            settings.defaults.policy = one.policy;
            const auto survey = result_of(
                one.io, sync::survey(one.runtime, consul, settings, [&one] { return one.now; }));
            REQUIRE(survey);
            REQUIRE(survey->groups.size() == 1);
            REQUIRE(survey->groups[0].held);
            REQUIRE(survey->groups[0].plan.empty());
        });
    }
}
