// SPDX-License-Identifier: MIT
#include "keeping.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using namespace std::chrono_literals;

// A backend whose service is gone.
TEST_SUITE("linger") {
    TEST_CASE("a backend lingers, and goes when Consul confirms it") {
        Kept k;
        k.remove("web");
        k.wait_log("the service web is gone; its backend stays for 600 s");
        k.tick(9min);
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.standing().lingering == 1);
        k.wait_file("api 3\n");
        k.wait_log("version 2 (web went) is in place and loaded");
    }

    TEST_CASE("one that comes back in time touches nothing") {
        Kept k;
        k.remove("web");
        k.wait_log("the service web is gone");
        k.tick(9min);
        k.add("web");
        k.wait_log("the service web is back");
        k.tick(9min);
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.standing().lingering == 0);
    }

    TEST_CASE("what Consul can't tell removes nothing") {
        Kept k;
        k.listing->set(model::Unknown(model::Doubt::unreachable, "nobody there"));
        k.wait_log("Consul's services are not known, so its backends stay: nobody there");
        k.tick(24h);
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.standing().lingering == 0);
        CHECK(k.standing().doubt == "nobody there");
        k.add("late");
        k.wait_file("api 3\nlate 3\nweb 3\n");
        k.wait([&] { return k.standing().doubt.empty(); });
    }

    TEST_CASE("what the token may not read may still be there") {
        Kept k;
        k.consul->readable = catalog::Readable::no;
        k.remove("web");
        k.wait_log("the service web is gone");
        k.tick(20min);
        k.wait_log("service web: Consul does not list it, but to this token it may be hidden");
        for (int n = 0; n < 5; ++n) {
            k.rest();
            k.turn();
        }
        CHECK(k.file() == "api 3\nweb 3\n");
        CHECK(k.said("may be hidden") == 1);
        k.consul->readable = catalog::Readable::cannot_tell;
        k.wait_file("api 3\n");
    }

    TEST_CASE("backends linger over a restart of slotd too") {
        Kept k;
        k.remove("web");
        k.wait_log("the service web is gone");
        k.stop();
        k.tick(1min);
        k.remove("api");
        k.start();
        k.wait_log("the service api is gone");
        k.turn();
        CHECK(k.loaded().empty());
        k.tick(8min);
        k.turn();
        CHECK(k.file() == "api 3\nweb 3\n");
        k.tick(1min);
        k.wait([&] {
            k.tick(1s);
            return k.file() == "api 3\n";
        });
    }
}
