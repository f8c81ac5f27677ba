// SPDX-License-Identifier: MIT
#include "keeping.hpp"

#include <doctest/doctest.h>

using namespace slotd::testing;

TEST_CASE("while it is paused nothing new is put in place, and all that came is after it") {
    Keeping k;
    k.add("web");
    k.start();
    k.wait_file("web 3\n");
    k.paused = true;
    k.add("api");
    k.wait([&] {
        k.rest();
        return k.standing().backends == 2;
    });
    for (int i = 0; i < 5; ++i) {
        k.rest();
        k.turn();
    }
    CHECK(k.file() == "web 3\n");
    k.add("db");
    k.paused = false;
    k.wait_file("api 3\ndb 3\nweb 3\n");
    k.wait([&] { return k.standing().version == 2; });
    CHECK(k.loaded().size() == 2);
}
