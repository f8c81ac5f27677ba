// SPDX-License-Identifier: MIT
#include "slotd/sync/pauses.hpp"

#include "slotd/sync/file.hpp"
#include "support/daemon.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <sys/stat.h>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

model::WallTime in(std::chrono::seconds time) {
    return std::chrono::system_clock::now() + time;
}

/// A file of pauses that several slotds read, one after another.
struct Kept {
    TemporaryFolder folder;
    std::string path = folder.file("pauses");
    asio::io_context io;

    std::string text() const { return *sync::read_file(path); }
    void write(const std::string& text) const { REQUIRE(sync::replace_file(path, text)); }
};

}  // namespace

TEST_SUITE("pauses") {
    TEST_CASE("a pause outlives slotd") {
        Kept kept;
        const auto until = *model::parse_utc("2099-01-01T00:00:00Z");
        {
            sync::Pauses pauses(kept.io.get_executor(), kept.path);
            REQUIRE(pauses.load());
            REQUIRE(pauses.pause("web", std::nullopt));
            REQUIRE(pauses.pause("api", until));
            CHECK(kept.text() == "api 2099-01-01T00:00:00Z\nweb -\n");
        }
        sync::Pauses pauses(kept.io.get_executor(), kept.path);
        REQUIRE(pauses.load());
        CHECK(pauses.of("web") == sync::Pauses::Pause(std::nullopt));
        CHECK(pauses.of("api") == sync::Pauses::Pause(until));
        CHECK_FALSE(pauses.of("other"));
        REQUIRE(pauses.resume("web"));
        CHECK(kept.text() == "api 2099-01-01T00:00:00Z\n");
    }

    TEST_CASE("all backends are paused together, and each by the later of two ends") {
        Kept kept;
        sync::Pauses pauses(kept.io.get_executor(), {});
        const auto soon = in(60s);
        const auto late = in(600s);
        REQUIRE(pauses.pause("*", soon));
        REQUIRE(pauses.pause("web", late));
        CHECK(pauses.of("api") == sync::Pauses::Pause(soon));
        CHECK(pauses.of("web") == sync::Pauses::Pause(late));
        REQUIRE(pauses.pause("*", std::nullopt));
        CHECK(pauses.of("web") == sync::Pauses::Pause(std::nullopt));
        REQUIRE(pauses.resume("*"));
        CHECK_FALSE(pauses.of("web"));
    }

    TEST_CASE("what is not paused can't be resumed") {
        Kept kept;
        sync::Pauses pauses(kept.io.get_executor(), {});
        CHECK(to_string(pauses.resume("web").error()) == "web is not paused");
        REQUIRE(pauses.pause("*", std::nullopt));
        CHECK(to_string(pauses.resume("web").error()) ==
              "all backends are paused, not web alone (resume all of them, and pause those that "
              "shall stay so)");
    }

    TEST_CASE("one that ran out while slotd was away is none") {
        Kept kept;
        kept.write("api 2001-01-01T00:00:00Z\nweb -\n");
        sync::Pauses pauses(kept.io.get_executor(), kept.path);
        REQUIRE(pauses.load());
        CHECK_FALSE(pauses.of("api"));
        CHECK(pauses.of("web"));
    }

    TEST_CASE("a line that is no pause is refused with its place, and nothing is taken") {
        for (const std::string line :
             {"web", "web soon", "web - -", "we\"b -", "", "web 2026-02-31T00:00:00Z"}) {
            Kept kept;
            kept.write("api -\n" + line + "\n");
            sync::Pauses pauses(kept.io.get_executor(), kept.path);
            const auto loaded = pauses.load();
            REQUIRE_FALSE(loaded);
            CHECK(loaded.error().where == kept.path + ":2");
            CHECK(pauses.list().empty());
        }
    }

    TEST_CASE("one that can't be kept does not begin") {
        Kept kept;
        sync::Pauses pauses(kept.io.get_executor(), kept.folder.file("none/pauses"));
        int told = 0;
        pauses.on_change([&](const std::string&, bool) { ++told; });
        CHECK_FALSE(pauses.pause("web", std::nullopt));
        CHECK_FALSE(pauses.of("web"));
        CHECK(told == 0);
    }

    TEST_CASE("it ends by itself, and says so") {
        Kept kept;
        sync::Pauses pauses(kept.io.get_executor(), kept.path);
        std::string ended;
        pauses.on_change([&](const std::string& backend, bool by_itself) {
            if (by_itself)
                ended = backend;
        });
        REQUIRE(pauses.pause("web", in(0s) + 100ms));
        CHECK(pauses.of("web"));
        run_until(kept.io, [&] { return ended == "web"; });
        CHECK_FALSE(pauses.of("web"));
        CHECK(kept.text().empty());
    }

    TEST_CASE("a paused backend is watched and not changed") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 2, "web.service.slots.invalid");
        daemon.list({"a 10.0.0.1:80"});
        REQUIRE(daemon.pauses.pause("web", std::nullopt));
        daemon.start();
        daemon.wait_log(
            "info  web: paused; would send \"set server web/s1 addr 10.0.0.1 port 80\" and 1 "
            "more");
        const sync::BackendStatus paused = daemon.status().backends.at(0);
        CHECK(paused.paused);
        CHECK_FALSE(paused.filled);
        CHECK(paused.would ==
              Lines{"set server web/s1 addr 10.0.0.1 port 80", "set server web/s1 state ready"});
        daemon.wait_reads(5);
        CHECK(daemon.runtime->sent.empty());
        CHECK(daemon.lines_of("info  web: paused").size() == 1);

        REQUIRE(daemon.pauses.resume("web"));
        daemon.wait_shown({"s1 ready 10.0.0.1:80", "s2 maint 127.0.0.1:1"});
        daemon.wait([&] { return daemon.status().backends.at(0).filled; });
        CHECK(daemon.status().backends.at(0).would.empty());
    }

    TEST_CASE("the others go on while one is paused") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.haproxy.add_slots("api", 1, "web.service.slots.invalid");
        daemon.list({"a 10.0.0.1:80"});
        REQUIRE(daemon.pauses.pause("api", std::nullopt));
        daemon.start();
        daemon.wait_shown({"s1 ready 10.0.0.1:80"});
        daemon.wait_reads(2);
        CHECK(daemon.sent("api/").empty());
    }

    TEST_CASE("what drains when a pause begins stays so until it ends") {
        Daemon daemon;
        daemon.haproxy.add_slots("web", 1, "web.service.slots.invalid");
        daemon.settings.defaults.policy.large_removal = 100;
        daemon.settings.defaults.policy.drain = 10s;
        daemon.list({"a 10.0.0.1:80"});
        daemon.start();
        daemon.wait_shown({"s1 ready 10.0.0.1:80"});
        daemon.haproxy.server("web/s1").sessions = 1;
        daemon.list({"b 10.0.0.2:80"});
        daemon.wait_shown({"s1 drain 10.0.0.1:80"});
        REQUIRE(daemon.pauses.pause("*", std::nullopt));
        daemon.haproxy.server("web/s1").sessions = 0;
        daemon.wait([&] { return !daemon.status().backends.at(0).would.empty(); });
        CHECK(daemon.shown() == Lines{"s1 drain 10.0.0.1:80"});
        REQUIRE(daemon.pauses.resume("*"));
        daemon.wait_shown({"s1 ready 10.0.0.2:80"});
    }
}
