// SPDX-License-Identifier: MIT
#include "support/daemon.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

const std::string cant_connect =
    "error socket /run/haproxy.sock: can't connect: Connection refused";
const std::string is_down = cant_connect + "; it is tried until it answers";
const std::string is_back = "info  HAProxy answers again on /run/h.sock, after ";

struct Filled : Daemon {
    Filled() {
        haproxy.add_slots("web", 1, "web.service.slots.invalid");
        list({"a 10.0.0.1:80"});
        start();
        wait_log("info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot");
    }

    void go_away() {
        const std::size_t refused = runtime->refusals;
        runtime->down = true;
        wait([&] { return runtime->refusals > refused; });
    }

    void come_back() {
        runtime->down = false;
        wait_reads(2);
    }
};

}  // namespace

TEST_SUITE("flood") {
    TEST_CASE("a HAProxy that stays away is said again after a minute, with how often") {
        Filled daemon;
        daemon.go_away();
        daemon.go_away();
        daemon.later += 60s;
        daemon.wait([&] { return daemon.lines_of("error").size() == 2; });
        CHECK(daemon.lines_of("error")[0] == is_down);
        CHECK(daemon.lines_of("error")[1].starts_with(cant_connect + " ("));
        CHECK(daemon.lines_of("error")[1].ends_with(" s); it is tried until it answers"));
        daemon.later += 60s;
        daemon.come_back();
        CHECK(daemon.lines_of("error").size() == 2);
        CHECK(daemon.lines_of(is_back).size() == 1);
    }

    TEST_CASE("a HAProxy that comes and goes is said three times, then once a minute") {
        Filled daemon;
        for (int outage = 0; outage < 6; ++outage) {
            daemon.go_away();
            daemon.come_back();
        }
        CHECK(daemon.lines_of("error") == Lines{is_down, is_down, is_down});
        CHECK(daemon.lines_of(is_back).size() == 3);
        daemon.later += 60s;
        daemon.go_away();
        daemon.come_back();
        CHECK(daemon.lines_of("error").size() == 4);
        CHECK(daemon.lines_of(is_back).size() == 4);
    }

    TEST_CASE("a Consul that comes and goes with other words each time is no flood") {
        Filled daemon;
        const auto outage = [&](int number) {
            daemon.consul->set("web", model::Unknown(model::Doubt::consul_error,
                                                     "rpc error " + std::to_string(number)));
            daemon.wait([&] { return daemon.status().backends.at(0).held.has_value(); });
            daemon.list({"a 10.0.0.1:80"});
            daemon.wait([&] { return !daemon.status().backends.at(0).held.has_value(); });
        };
        for (int number = 1; number <= 16; ++number) outage(number);
        // Eight texts, and three times that there are more.
        const Lines held = daemon.lines_of("warn  web: held, ");
        CHECK(held.size() == 11);
        CHECK(daemon.lines_of("info  web: no longer held ").size() == 11);
        daemon.later += 60s;
        outage(17);
        REQUIRE(daemon.lines_of("warn  web: held, ").size() == 12);
        CHECK(daemon.lines_of("warn  web: held, ").back().find("rpc error 17 (6 times in ") !=
              std::string::npos);
    }

    TEST_CASE("commands that fail are counted, and their end is said") {
        Filled daemon;
        const auto tries = [&] { return daemon.sent("state drain").size(); };
        daemon.haproxy.user_level = true;
        daemon.list({"b 10.0.0.2:80"});
        daemon.wait([&] { return tries() >= 3; });
        daemon.later += 60s;
        daemon.wait([&] {
            const Lines lines = daemon.lines_of("warn  web/s1: ");
            return !lines.empty() && lines.back().ends_with(" s)");
        });
        daemon.haproxy.user_level = false;
        daemon.later += 10s;
        daemon.wait([&] {
            daemon.later += 1s;
            return !daemon.lines_of("info  web: nothing fails any more, after ").empty();
        });
    }
}
