// SPDX-License-Identifier: MIT
#include "slotd/haproxy/dry_run.hpp"

#include "support/fake_runtime.hpp"
#include "support/loop.hpp"
#include "support/steps.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using Lines = std::vector<std::string>;

namespace {

struct Dry {
    asio::io_context io;
    FakeHaproxy haproxy;
    FakeRuntime* real = nullptr;
    Lines printed;
    std::unique_ptr<haproxy::Runtime> runtime;

    Dry() {
        haproxy.add_slots("web", 2, "slots.invalid");
        auto made = std::make_unique<FakeRuntime>(haproxy);
        real = made.get();
        runtime = haproxy::dry_run(std::move(made), [this](const model::Step& one) {
            printed.push_back(haproxy::format(one.command) + " # " + one.reason.text);
        });
    }

    std::vector<haproxy::Outcome> apply(const Lines& texts) {
        return result_of(io, runtime->apply(steps(texts), {}));
    }

    Lines shown() {
        const auto live = result_of(io, runtime->read({}));
        REQUIRE(live);
        Lines lines;
        for (const model::Server& server : live->servers)
            lines.push_back(server.id.server.text() + " " + std::string(to_string(server.admin)) +
                            " " + to_string(*server.at) + " " +
                            std::to_string(server.weight.value()));
        return lines;
    }
};

const std::string empty2 = "s2 maint 127.0.0.1:1 1";

}  // namespace

TEST_SUITE("dry run") {
    TEST_CASE("each step is printed, and nothing is sent") {
        Dry dry;
        const auto outcomes = dry.apply({"s1 addr 10.0.0.1:80", "s1 ready"});
        CHECK(outcomes == std::vector<haproxy::Outcome>(
                              2, haproxy::Outcome(haproxy::OutcomeKind::done, "not sent")));
        CHECK(dry.printed == Lines{"set server web/s1 addr 10.0.0.1 port 80 # for a test",
                                   "set server web/s1 state ready # for a test"});
        CHECK(dry.haproxy.lines.empty());
    }

    TEST_CASE("later reads show the live state as if the steps had been carried out") {
        Dry dry;
        CHECK(dry.shown() == Lines{"s1 maint 127.0.0.1:1 1", empty2});
        dry.apply({"s1 addr 10.0.0.1:80", "s1 weight 3", "s1 ready"});
        CHECK(dry.shown() == Lines{"s1 ready 10.0.0.1:80 3", empty2});
        dry.apply({"s1 drain"});
        CHECK(dry.shown() == Lines{"s1 drain 10.0.0.1:80 3", empty2});
        CHECK(dry.haproxy.server("web/s1").maint);
    }

    TEST_CASE("someone else's change shows where nothing was pretended") {
        Dry dry;
        dry.shown();
        dry.apply({"s1 ready"});
        dry.haproxy.run("set server web/s1 weight 9");
        CHECK(dry.shown() == Lines{"s1 ready 127.0.0.1:1 9", empty2});
    }

    TEST_CASE("after a reload the real state shows again") {
        Dry dry;
        dry.shown();
        dry.apply({"s1 addr 10.0.0.1:80", "s1 ready"});
        dry.haproxy.reload();
        CHECK(dry.shown() == Lines{"s1 maint 127.0.0.1:1 1", empty2});
    }

    TEST_CASE("process, sessions and errors are the real ones") {
        Dry dry;
        dry.haproxy.server("web/s1").sessions = 3;
        CHECK(result_of(dry.io, dry.runtime->process())->pid == dry.haproxy.pid());
        const std::vector<std::pair<std::uint32_t, std::uint32_t>> first{{3, 1}};
        CHECK(result_of(dry.io, dry.runtime->stat(first))->front().sessions == 3);
        dry.real->down = true;
        CHECK_FALSE(result_of(dry.io, dry.runtime->read({})));
    }
}
