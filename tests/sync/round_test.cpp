// SPDX-License-Identifier: MIT
#include "slotd/sync/round.hpp"

#include "support/fake_runtime.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

const model::Time now = model::Time() + 1000h;

/// The slots s1 to s3 of the backend web, and rounds over them.
struct Web {
    asio::io_context io;
    FakeHaproxy haproxy;
    FakeRuntime runtime{haproxy};
    plan::Policy policy;
    plan::History history;
    plan::Target target;
    const sync::GroupKey key{slot_id("s1").backend, catalog::Query()};

    explicit Web(FakeVersion version = FakeVersion::v2_6) : haproxy(version) {
        haproxy.add_slots("web", 3, "slots.invalid");
        haproxy.tick(1h);
    }

    std::vector<sync::Desk> look(const Lines& listed) {
        target = plan::make_target(instances(listed), policy);
        const auto live = result_of(io, runtime.read({}));
        std::vector<plan::Slot> slots;
        for (const model::Server& server : live->servers) slots.emplace_back(server);
        std::vector<sync::Desk> desks;
        desks.emplace_back(&key, std::move(slots), &target, &policy, &history);
        return desks;
    }

    std::vector<sync::Desk> plan(const Lines& listed, model::Time when = now) {
        std::vector<sync::Desk> desks = look(listed);
        REQUIRE(result_of(io, sync::make_plans(runtime, desks, when)));
        return desks;
    }

    /// What came of the steps: "s1 addr 10.0.0.1:80 # reason = done" or the text of a failure.
    Lines round(const Lines& listed, model::Time when = now) {
        auto desks = plan(listed, when);
        runtime.sent.clear();
        runtime.reads = 0;
        Lines lines;
        for (const sync::Done& one : result_of(io, sync::carry_out(runtime, desks)))
            lines.push_back(show(one.step) + " = " +
                            (one.outcome.ok() ? "done" : one.outcome.text));
        return lines;
    }
};

const Lines fill_of_two{"set server web/s1 addr 10.0.0.1 port 80",
                        "set server web/s2 addr 10.0.0.2 port 80", "set server web/s1 weight 5",
                        "set server web/s1 state ready", "set server web/s2 state ready"};
const Lines two{"a 10.0.0.1:80 weight 5", "b 10.0.0.2:80"};

}  // namespace

TEST_SUITE("making plans") {
    TEST_CASE("a slot has never served when it was in maint for as long as its process runs") {
        struct Row {
            std::chrono::seconds up;
            std::chrono::seconds since_change;
            model::Admin admin;
            bool never_served;
        };
        for (const Row& row : {Row{1000s, 1000s, model::Admin::maint, true},
                               Row{1000s, 999s, model::Admin::maint, true},
                               Row{1000s, 998s, model::Admin::maint, false},
                               Row{1000s, 5s, model::Admin::maint, false},
                               Row{1000s, 1000s, model::Admin::ready, false},
                               Row{1000s, 1000s, model::Admin::drain, false}}) {
            CAPTURE(row.since_change.count());
            model::Server server(slot_id("s1"));
            server.admin = row.admin;
            server.since_change = row.since_change;
            model::Process process;
            process.uptime = row.up.count();
            CHECK(sync::slots_of({server}, process).front().never_served == row.never_served);
        }
    }

    TEST_CASE("sessions are asked of the slots a plan depends on, and of no others") {
        Web web;
        web.round(two);
        CHECK(web.runtime.asked.empty());
        web.round(two);
        CHECK(web.runtime.asked.empty());
        web.round({two[0]});
        CHECK(web.runtime.asked.empty());
        web.plan({two[0]});
        CHECK(web.runtime.asked == Lines{"show stat 3 4 2"});
    }

    TEST_CASE("the sessions that are told decide") {
        Web web;
        web.round(two);
        web.round({two[0]});
        web.haproxy.server("web/s2").sessions = 2;
        CHECK(web.plan({two[0]})[0].plan.empty());
        web.haproxy.server("web/s2").sessions = 0;
        CHECK(
            show(web.plan({two[0]})[0].plan) ==
            Lines{"s2 maint # Consul lists no instance at 10.0.0.2:80; no session is left on it"});
    }

    TEST_CASE("a drain lasts for what is queued, though no session is open") {
        Web web;
        web.round(two);
        web.round({two[0]});
        web.haproxy.server("web/s2").queue = 1;
        CHECK(web.plan({two[0]})[0].plan.empty());
        web.haproxy.server("web/s2").queue = 0;
        CHECK(show(web.plan({two[0]})[0].plan).size() == 1);
    }

    TEST_CASE("a slot that still carries sessions is not filled") {
        Web web;
        web.policy.drain = 10s;
        for (const std::string slot : {"web/s1", "web/s2", "web/s3"}) {
            web.haproxy.run("set server " + slot + " state ready");
            web.haproxy.run("set server " + slot + " state maint");
            web.haproxy.server(slot).sessions = 1;
        }
        CHECK(web.plan({two[0]})[0].plan.waiting.size() == 1);
        CHECK(web.runtime.asked.size() == 3);
        web.haproxy.server("web/s3").sessions = 0;
        CHECK(show(web.plan({two[0]})[0].plan).front() ==
              "s3 addr 10.0.0.1:80 # a on n1 takes a free slot");
    }

    TEST_CASE("sessions that can't be read are an error, not none") {
        Web web;
        web.round(two);
        web.round({two[0]});
        auto desks = web.look({two[0]});
        web.runtime.down = true;
        const auto planned = result_of(web.io, sync::make_plans(web.runtime, desks, now));
        REQUIRE_FALSE(planned);
        CHECK(to_string(planned.error()) ==
              "socket /run/haproxy.sock: can't connect: Connection refused");
    }
}

TEST_SUITE("carrying out") {
    TEST_CASE("all addresses go first, then the changes, and each has its outcome") {
        Web web;
        CHECK(web.round(two) == Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot = done",
                                      "s2 addr 10.0.0.2:80 # b on n1 takes a free slot = done",
                                      "s1 weight 5 # a on n1 takes a free slot = done",
                                      "s1 ready # a on n1 takes a free slot = done",
                                      "s2 ready # b on n1 takes a free slot = done"});
        CHECK(web.runtime.sent == fill_of_two);
        CHECK(web.runtime.reads == 1);
        CHECK(web.round(two).empty());
        CHECK(web.runtime.reads == 0);
    }

    TEST_CASE("changes alone need no reading between") {
        Web web;
        web.round(two);
        CHECK(web.round({"a 10.0.0.1:80 weight 6", two[1]}) ==
              Lines{"s1 weight 6 # a on n1 has weight 6, its slot 5 = done"});
        CHECK(web.runtime.reads == 0);
    }

    TEST_CASE("HAProxy 3.0 is read until it shows every address") {
        for (const unsigned late : {0U, 1U, 4U}) {
            Web web(FakeVersion::v3_0);
            web.haproxy.late_reads = late;
            CHECK(web.round(two).size() == 5);
            CHECK(web.runtime.sent == fill_of_two);
            CHECK(web.runtime.reads == late + 1);
            CHECK(web.haproxy.violations.empty());
        }
    }

    TEST_CASE("what does not show in time is a failure, and its slot gets no change") {
        Web web(FakeVersion::v3_0);
        web.haproxy.never_settles = true;
        const auto began = std::chrono::steady_clock::now();
        CHECK(web.round({two[0]}) == Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot = "
                                           "HAProxy does not show the address"});
        CHECK(std::chrono::steady_clock::now() - began >= 1s);
        CHECK(web.haproxy.server("web/s1").maint);
        CHECK(web.haproxy.violations.empty());
    }

    TEST_CASE("a slot whose address was refused gets no change, the others go on") {
        Web web;
        web.haproxy.server("web/s1").takes_address = false;
        CHECK(web.round(two) ==
              Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot = Update for the current "
                    "server address family is only supported through configuration file by 'stats "
                    "socket command'",
                    "s2 addr 10.0.0.2:80 # b on n1 takes a free slot = done",
                    "s2 ready # b on n1 takes a free slot = done"});
        CHECK(web.haproxy.server("web/s1").maint);
        CHECK(web.haproxy.server("web/s2").is_ready());
    }

    TEST_CASE("cut off among the addresses, only slots whose address is known are changed") {
        Web web;
        web.runtime.cut_after = 1;
        CHECK(web.round(two) == Lines{"s1 addr 10.0.0.1:80 # a on n1 takes a free slot = done",
                                      "s2 addr 10.0.0.2:80 # b on n1 takes a free slot = the "
                                      "connection was closed early",
                                      "s1 weight 5 # a on n1 takes a free slot = the connection "
                                      "was closed early",
                                      "s1 ready # a on n1 takes a free slot = the connection was "
                                      "closed early"});
    }

    TEST_CASE("when HAProxy goes away while an address is awaited, nothing is made ready") {
        Web web(FakeVersion::v3_0);
        web.haproxy.late_reads = 5;
        auto desks = web.plan(two);
        web.runtime.after_read = [&] { web.runtime.down = true; };
        const auto done = result_of(web.io, sync::carry_out(web.runtime, desks));
        REQUIRE(done.size() == 2);
        for (const sync::Done& one : done)
            CHECK(one.outcome.kind == haproxy::OutcomeKind::no_reply);
        CHECK(web.runtime.sent.size() == 2);
    }

    TEST_CASE("what was planned for one process does not reach the next") {
        Web web;
        web.round({"a 10.0.0.1:80"});
        web.round({"a 10.0.0.1:80 critical"});
        auto desks = web.plan({"a 10.0.0.1:80", two[1]});
        REQUIRE(show(desks[0].plan) == Lines{"s2 addr 10.0.0.2:80 # b on n1 takes a free slot",
                                             "--", "s1 ready # a on n1 may serve again",
                                             "s2 ready # b on n1 takes a free slot"});
        web.runtime.sent.clear();
        web.runtime.before_command = [&] {
            if (web.runtime.sent.empty())
                web.haproxy.reload();  // into one whose s1 has no address of an instance
        };
        result_of(web.io, sync::carry_out(web.runtime, desks));
        CHECK(web.runtime.sent == Lines{"set server web/s2 addr 10.0.0.2 port 80"});
        CHECK(web.haproxy.server("web/s1").maint);
    }

    TEST_CASE("several desks go in one go: the addresses of all, then the changes of all") {
        Web web;
        web.haproxy.add_slots("api", 1, "slots.invalid");
        const sync::GroupKey api(slot_id("s1", "api").backend, catalog::Query());
        const plan::Target other = plan::make_target(instances({"x 10.0.9.1:90"}), web.policy);
        plan::History history;
        std::vector<sync::Desk> desks = web.look({two[1]});
        std::vector<plan::Slot> slots(1, desks[0].slots.back());
        desks[0].slots.pop_back();
        desks.emplace_back(&api, std::move(slots), &other, &web.policy, &history);
        REQUIRE(result_of(web.io, sync::make_plans(web.runtime, desks, now)));
        CHECK(result_of(web.io, sync::carry_out(web.runtime, desks)).size() == 4);
        CHECK(web.runtime.sent == Lines{"set server web/s1 addr 10.0.0.2 port 80",
                                        "set server api/s1 addr 10.0.9.1 port 90",
                                        "set server web/s1 state ready",
                                        "set server api/s1 state ready"});
    }
}
