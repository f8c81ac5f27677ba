// SPDX-License-Identifier: MIT
// A reload that made slots ready where their instances are not: their lines lack `init-addr last`.
#include "slotd/sync/file.hpp"
#include "support/daemon.hpp"
#include "support/temporary_folder.hpp"

#include <asio/post.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

/// Two instances serve in the first of four slots, and the state file says so.
struct Led : TemporaryFolder, Daemon {
    Led() {
        settings.state_file = file("state");
        settings.defaults.policy.confirm = 1h;
        haproxy.add_slots("web", 4, "web.service.slots.invalid");
        list({"a 10.0.0.1:80", "b 10.0.0.2:80"});
        start();
        wait([&] { return count_in_file(" 10.0.0.") == 2; });
    }

    std::size_t count_in_file(const std::string& part) {
        const auto text = sync::read_file(settings.state_file);
        std::size_t count = 0;
        if (text)
            for (auto at = text->find(part); at != std::string::npos; at = text->find(part, at + 1))
                ++count;
        return count;
    }

    /// What HAProxy makes of the file for lines without `last`: state and port, not the address.
    void reload_without_addresses() {
        haproxy.reload();
        for (const std::string name : {"s1", "s2"}) {
            FakeServer& server = haproxy.server("web/" + name);
            server.at = FakeServer::Where("127.0.0.1", 80);
            server.maint = false;
        }
    }
};

const std::string told_astray =
    "error web/s1 came out of the reload ready at 127.0.0.1:80 instead of 10.0.0.1:80: the "
    "init-addr of its line lacks `last`. Slots like it go to maint and are left out of the state "
    "file; write `init-addr last,127.0.0.1`, reload HAProxy, then send slotd SIGHUP";

}  // namespace

TEST_SUITE("slots that a reload leads astray") {
    TEST_CASE("they go to maint at once, and their instances serve again") {
        Led daemon;
        daemon.reload_without_addresses();
        daemon.wait_log(told_astray);
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
        const Lines states = daemon.sent("s1 state");
        REQUIRE(states.size() >= 2);
        CHECK(states[1] == "set server web/s1 state maint");
        CHECK(daemon.lines_of("error") == Lines{told_astray});
    }

    TEST_CASE("also while Consul is away, and while any removal would be doubted") {
        Led daemon;
        daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        daemon.wait([&] { return daemon.status().backends.at(0).held.has_value(); });
        daemon.reload_without_addresses();
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
    }

    TEST_CASE("the state file leaves slots of such lines out, until the lines may be mended") {
        Led daemon;
        daemon.reload_without_addresses();
        daemon.wait([&] { return daemon.count_in_file(" web ") == 0; });
        daemon.list({"a 10.0.0.1:80", "b 10.0.0.2:80", "c 10.0.0.3:80"});
        daemon.wait([&] { return daemon.ready().size() == 3; });
        daemon.wait_reads(3);
        CHECK(daemon.count_in_file(" web ") == 0);
        daemon.take_settings();
        daemon.wait([&] { return daemon.count_in_file(" 10.0.0.") == 3; });
    }

    TEST_CASE("a paused backend is left alone, and it is said all the same") {
        Led daemon;
        REQUIRE(daemon.pauses.pause("web", std::nullopt));
        daemon.reload_without_addresses();
        daemon.wait_log(told_astray);
        daemon.wait_reads(3);
        CHECK(daemon.ready() == Lines{"127.0.0.1:80", "127.0.0.1:80"});
        REQUIRE(daemon.pauses.resume("web"));
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
    }

    TEST_CASE("what slotd filled before it saw the reload was not led astray") {
        Led daemon;
        daemon.settings.defaults.policy.confirm = 0ms;
        daemon.settings.poll = 1h;
        daemon.wait_reads(1);
        run_for(daemon.io, 50ms);  // no poll is due any more
        daemon.haproxy.reload();   // nothing is restored
        daemon.list({"c 10.0.0.3:80", "d 10.0.0.4:80"});
        daemon.wait([&] { return daemon.count_in_file(" 10.0.0.3 ") == 1; });
        CHECK(daemon.shown() ==
              Lines{"s1 ready 10.0.0.3:80", "s2 ready 10.0.0.4:80", "s3 maint 127.0.0.1:1",
                    "s4 maint 127.0.0.1:1"});
        CHECK(daemon.lines_of("error").empty());
        CHECK(daemon.count_in_file(" web ") == 4);
    }

    TEST_CASE("what a restart led astray is found though something was sent there just before") {
        Led daemon;
        daemon.settings.poll = 1h;
        run_for(daemon.io, 50ms);  // no poll is due any more
        // HAProxy ends before the weight is read back, and comes again led astray.
        daemon.runtime->before_command = [&] { daemon.runtime->down = true; };
        daemon.list({"a 10.0.0.1:80 weight 3", "b 10.0.0.2:80"});
        daemon.wait([&] { return !daemon.lines_of("error").empty(); });
        daemon.runtime->before_command = nullptr;
        daemon.reload_without_addresses();
        daemon.runtime->down = false;
        daemon.wait_log(told_astray);
        daemon.wait([&] { return daemon.ready() == Lines{"10.0.0.1:80", "10.0.0.2:80"}; });
    }

    TEST_CASE("what slotd filled as HAProxy ended is not led astray either") {
        Led daemon;
        daemon.settings.defaults.policy.confirm = 0ms;
        daemon.settings.poll = 1h;
        run_for(daemon.io, 50ms);  // no poll is due any more
        daemon.haproxy.reload();   // nothing is restored
        // The last command arrives, and nothing can be read back.
        daemon.runtime->before_command = [&] {
            if (daemon.sent("s1 state ready").size() == 2)
                asio::post(daemon.io, [&] { daemon.runtime->down = true; });
        };
        daemon.list({"c 10.0.0.3:80", "d 10.0.0.4:80"});
        daemon.wait([&] { return daemon.runtime->refusals > 0; });
        CHECK(daemon.ready() == Lines{"10.0.0.3:80", "10.0.0.4:80"});
        daemon.runtime->before_command = nullptr;
        daemon.runtime->down = false;
        daemon.wait([&] { return daemon.count_in_file(" 10.0.0.3 ") == 1; });
        for (const std::string& line : daemon.lines_of("error"))
            CHECK(line.find("came out of the reload") == std::string::npos);
    }

    TEST_CASE("a file that was not kept by this slotd says nothing of what serves as it starts") {
        Led before;
        const auto kept = sync::read_file(before.settings.state_file);
        REQUIRE(kept);
        struct Stale : TemporaryFolder, Daemon {};
        Stale daemon;
        daemon.settings.state_file = daemon.file("state");
        REQUIRE(sync::replace_file(daemon.settings.state_file, *kept));
        daemon.haproxy.add_slots("web", 4, "web.service.slots.invalid");
        for (const std::string name : {"s1", "s2"}) {
            FakeServer& server = daemon.haproxy.server("web/" + name);
            server.at = FakeServer::Where(name == "s1" ? "10.0.9.1" : "10.0.9.2", 80);
            server.maint = false;
        }
        daemon.list({"c 10.0.9.1:80", "d 10.0.9.2:80"});
        daemon.start();
        daemon.wait([&] {
            const auto text = sync::read_file(daemon.settings.state_file);
            return text && text->find(" 10.0.9.1 ") != std::string::npos;
        });
        CHECK(daemon.lines_of("error").empty());
        CHECK(daemon.sent("s1 state").empty());
    }

    TEST_CASE("a reload that restores all, or nothing, is none of that") {
        Led daemon;
        daemon.haproxy.reload();
        daemon.wait([&] { return daemon.ready().size() == 2; });
        const FakeServer one = daemon.haproxy.server("web/s1");
        daemon.haproxy.reload();
        daemon.haproxy.server("web/s1") = one;
        daemon.wait([&] { return daemon.ready().size() == 2; });
        CHECK(daemon.lines_of("error").empty());
        CHECK(daemon.count_in_file(" web ") == 4);
    }
}
