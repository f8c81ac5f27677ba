// SPDX-License-Identifier: MIT
#include "watched.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;
using model::Doubt;

TEST_SUITE("pauses of a watch") {
    TEST_CASE("retries wait for longer and longer, until a good answer") {
        Watched watched;
        for (int i = 0; i < 2; ++i) watched.source->say(unknown(Doubt::unreachable, "gone"));
        watched.source->say(instance("a", 7));
        watched.source->say(unknown(Doubt::unreachable, "gone"));
        watched.start(1.0);
        run_for(watched.io, milliseconds(200));
        CHECK(watched.count() == 1);
        watched.run_until_asked(2);
        run_for(watched.io, milliseconds(450));
        CHECK(watched.count() == 2);
        watched.run_until_asked(4);
        run_for(watched.io, milliseconds(400));
        CHECK(watched.count() == 5);
        CHECK(watched.drawn == 3);
    }

    TEST_CASE("an error in what was asked is not tried again soon") {
        Watched watched;
        watched.source->say(misconfigured());
        watched.start();
        run_for(watched.io, milliseconds(500));
        CHECK(watched.count() == 1);
        CHECK(watched.drawn == 0);
        CHECK(watched.told == "acl: no");
    }

    TEST_CASE("quick answers that tell nothing new come once a second after two") {
        Watched watched;
        for (std::uint64_t i = 1; i <= 5; ++i) watched.source->say(instance("a", i));
        watched.start();
        run_for(watched.io, milliseconds(900));
        CHECK(watched.asked() == "- 1 2 3");
        CHECK(watched.told == "a");
        watched.run_until_asked(5);
    }

    TEST_CASE("changes are followed at once, and ten a second when they never end") {
        Watched watched;
        for (std::uint64_t i = 1; i <= 20; ++i) watched.source->say(instance(std::to_string(i), i));
        watched.start();
        watched.run_until_asked(11);
        CHECK(watched.told.starts_with("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"));
        run_for(watched.io, milliseconds(500));
        CHECK(watched.count() >= 14);
        CHECK(watched.count() <= 17);
    }

    TEST_CASE("answers to be asked anew are slowed down alike") {
        Watched watched;
        watched.source->say(instance("a", 1));
        watched.source->say(ask_anew("b", 2));
        watched.source->say(instance("a", 2));
        watched.source->say(ask_anew("c", 3));
        watched.source->say(instance("a", 3));
        watched.start();
        run_for(watched.io, milliseconds(500));
        CHECK(watched.asked() == "- 1 - 2");
    }
}
