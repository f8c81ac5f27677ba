// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/round.hpp"
#include "support/fake_runtime.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"
#include "support/random.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

inline std::string where(const FakeServer& slot) {
    return slot.at.address + ":" + std::to_string(slot.at.port);
}

/// One case of a property: a backend somewhere in its life, and what Consul lists.
struct RandomCase {
    Random random;
    asio::io_context io;
    FakeHaproxy haproxy;
    FakeRuntime runtime{haproxy};
    plan::Policy policy;
    plan::History history;
    plan::Target target;
    model::Time now = model::Time() + std::chrono::hours(1000);
    std::vector<sync::Desk> desks;  ///< of the last plan
    plan::Plan last;
    const sync::GroupKey key{slot_id("s1").backend, catalog::Query()};

    explicit RandomCase(std::uint64_t seed)
        : random(seed), haproxy(random.one_in(2) ? FakeVersion::v2_6 : FakeVersion::v3_0) {
        FakeBackend& web =
            haproxy.add_slots("web", 1 + static_cast<unsigned>(random.number(6)), "slots.invalid");
        web.static_algorithm = random.one_in(5);
        const unsigned line_weight = random.of({1U, 1U, 10U});
        for (FakeServer& slot : web.servers) slot.weight = slot.configured_weight = line_weight;
        haproxy.add_server("web", "fixed", "10.0.0.1", 80);
        haproxy.add_server("other", "s1", "10.0.0.2", 80);
        policy.on_empty = plan::OnEmpty::apply;
        policy.on_warning =
            random.of({plan::OnWarning::serve, plan::OnWarning::drain, plan::OnWarning::maint});
        policy.on_critical = random.of({plan::OnCritical::maint, plan::OnCritical::drain});
        policy.drain = random.of({milliseconds(0), milliseconds(2000), milliseconds(30'000)});
        if (random.one_in(4))
            policy.weight = model::Weight::clamped(static_cast<int>(random.number(3)));
        haproxy.rest = policy.drain;
        begin_somewhere();
        relist();
    }

    std::deque<FakeServer>& slots() { return haproxy.backend("web").servers; }

    std::string address() { return "10.0.0." + std::to_string(1 + random.number(8)); }

    void pass(milliseconds time) {
        haproxy.tick(time);
        now += time;
    }

    void begin_somewhere() {
        for (FakeServer& slot : slots()) {
            if (!slot.is_slot)
                continue;
            pass(milliseconds(random.number(40'000)));
            if (random.one_in(3))
                continue;
            slot.at = FakeServer::Where(address(), 80);
            change_state(slot, random.of({"ready", "drain", "maint"}));
            slot.weight = haproxy.backend("web").static_algorithm
                              ? random.of({0U, slot.configured_weight})
                              : static_cast<unsigned>(random.number(4));
            slot.sessions = random.number(3);
        }
        pass(milliseconds(random.number(40'000)));
    }

    void change_state(const FakeServer& slot, const std::string& state) {
        haproxy.run("set server web/" + slot.name + " state " + state);
    }

    void relist() {
        model::Instances listed;
        const std::size_t count = random.number(8);
        for (std::size_t i = 0; i < count; ++i) {
            model::Instance one(model::InstanceId("n" + std::to_string(i), "web"),
                                at(address() + ":80"));
            one.health =
                random.of({model::Health::passing, model::Health::passing, model::Health::passing,
                           model::Health::warning, model::Health::critical});
            one.maintenance = random.one_in(8);
            one.weight_passing = random.of({1, 1, 1, 2, 0, 300});
            listed.list.push_back(std::move(one));
        }
        target = plan::make_target(listed, policy);
    }

    /// Other people and clients; at most one change of state a slot between two looks.
    void live_on() {
        pass(milliseconds(random.number(5000)));
        haproxy.settle();
        for (FakeServer& slot : slots()) {
            if (!slot.is_slot)
                continue;
            if (slot.is_ready() || random.one_in(2))
                slot.sessions = random.number(3);
            if (random.one_in(12))
                change_state(slot, random.of({"ready", "drain", "maint"}));
        }
        if (random.one_in(6))
            history = plan::History();
        if (random.one_in(10)) {
            haproxy.reload();
            history = plan::History();
        }
    }

    /// Drains end by their time or by the end of their sessions.
    void time_goes_by() {
        if (random.one_in(2))
            for (FakeServer& slot : slots()) slot.sessions = 0;
        pass(policy.drain + std::chrono::seconds(2));
    }

    std::vector<plan::Slot> look() {
        const auto live = result_of(io, runtime.read({key.backend}));
        REQUIRE(live);
        std::vector<plan::Slot> seen;
        for (const model::Server& server : live->servers)
            if (!server.host_name.empty())
                seen.emplace_back(server);
        return seen;
    }

    void plan() {
        desks.clear();
        desks.emplace_back(&key, look(), &target, &policy, &history);
        REQUIRE(result_of(io, sync::make_plans(runtime, desks, now)));
        last = desks[0].plan;
    }

    void round() {
        plan();
        for (const sync::Done& done : result_of(io, sync::carry_out(runtime, desks)))
            if (done.outcome.kind == haproxy::OutcomeKind::static_algorithm)
                history.static_algorithm = true;
        plan::observe(history, look(), now);
    }

    /// True when a look finds nothing to do, soon enough.
    bool converges() {
        for (int rounds = 0; rounds < 7; ++rounds) {
            round();
            if (last.empty() && !last.wake && !last.watches_stat)
                return true;
            time_goes_by();
        }
        return false;
    }

    /// The addresses to be served, with the weight of each.
    std::map<std::string, unsigned> to_serve() const {
        std::map<std::string, unsigned> those;
        for (const plan::Wanted& wanted : target.wanted)
            if (wanted.role == plan::Role::serve)
                those.emplace(to_string(wanted.at), wanted.weight.value());
        return those;
    }

    bool keeps_its_slot(const std::string& address) const {
        return std::any_of(target.wanted.begin(), target.wanted.end(),
                           [&](const plan::Wanted& one) {
                               return one.role != plan::Role::serve && to_string(one.at) == address;
                           });
    }

    unsigned weight_for(unsigned wanted) {
        if (!haproxy.backend("web").static_algorithm || wanted == 0)
            return wanted;
        return slots().front().configured_weight;
    }

    /// Who is ready where: the slots by address.
    std::map<std::string, std::set<std::string>> ready() {
        std::map<std::string, std::set<std::string>> those;
        for (const FakeServer& slot : slots())
            if (slot.is_slot && slot.is_ready())
                those[where(slot)].insert(slot.name);
        return those;
    }

    std::string story() {
        std::string text = "sent:";
        for (const std::string& line : runtime.sent) text += "\n  " + line;
        text += "\nnow:";
        for (const FakeServer& slot : slots())
            text += "\n  " + slot.name +
                    (slot.maint   ? " maint "
                     : slot.drain ? " drain "
                                  : " ready ") +
                    where(slot) + " weight " + std::to_string(slot.weight) + " sessions " +
                    std::to_string(slot.sessions);
        text += "\nwanted:";
        for (const plan::Wanted& one : target.wanted)
            text += "\n  " + to_string(one.at) +
                    (one.role == plan::Role::serve ? " serve" : " not") + " weight " +
                    std::to_string(one.weight.value());
        for (const std::string& one : haproxy.violations) text += "\nviolation: " + one;
        return text;
    }
};

}  // namespace slotd::testing
