// SPDX-License-Identifier: MIT
// Somebody saves an edit of the managed file while slotd works on it.
#include "publishing.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;

TEST_SUITE("late edit") {
    TEST_CASE("an edit that is saved during HAProxy's check is kept and left alone too") {
        Publishing p;
        p.publish("one");
        const auto edit_at = [&p](const std::string& when) {
            p.control.at = [&p, when](const std::string& step) {
                if (step == when)
                    spit(p.output(), "by hand");
            };
        };
        edit_at("check");
        CHECK(p.publish("two") == "edited 3");
        CHECK(p.file() == "by hand");
        CHECK(p.control.loaded == Texts{"one"});
        CHECK(p.versions() == Texts{"1 good one *", "3 edited by hand"});
        CHECK(p.beside().empty());
        CHECK(p.publish("two") == "edited 3");
        SUBCASE("one that is the new text is none") {
            p.control.at = [&p](const std::string& step) {
                if (step == "check")
                    spit(p.output(), "two");
            };
            CHECK(p.publish("two", Force::yes) == "placed 4");
        }
        SUBCASE("a file that is taken away is put there again") {
            p.control.at = [&p](const std::string& step) {
                if (step == "check")
                    std::filesystem::remove(p.output());
            };
            CHECK(p.publish("two", Force::yes) == "placed 4");
        }
        SUBCASE("another one than the one that is to be written over") {
            spit(p.output(), "first");
            edit_at("check");
            CHECK(p.publish("two", Force::yes) == "edited 3");
            CHECK(p.versions() == Texts{"1 good one *", "3 edited by hand", "4 edited first"});
            CHECK(p.file() == "by hand");
        }
        SUBCASE("also from a rollback") {
            p.control.at = [](const std::string&) {};
            CHECK(p.publish("two", Force::yes) == "placed 4");
            edit_at("check");
            CHECK(p.roll_back(1) == "edited 3");
            CHECK(p.file() == "by hand");
            CHECK_FALSE(p.history().index().pinned);
        }
    }

    TEST_CASE("an edit of a file that was there before, saved during the check, is kept too") {
        Publishing p;
        spit(p.output(), "found");
        p.control.at = [&p](const std::string& step) {
            if (step == "check")
                spit(p.output(), "by hand");
        };
        CHECK(p.publish("one", Force::yes) == "edited 3");
        CHECK(p.file() == "by hand");
        CHECK(p.versions() == Texts{"1 edited found", "3 edited by hand"});
    }

    TEST_CASE(
        "an edit that is saved while no worker comes up is not written over on the way back") {
        Publishing p;
        p.publish("one");
        p.control.fails_with = "two";
        p.control.at = [&p](const std::string& step) {
            if (step == "reloaded")
                spit(p.output(), "by hand");
        };
        CHECK(p.publish("two") ==
              "edited 3: HAProxy did not come up with version 2: no new worker");
        CHECK(p.file() == "by hand");
        CHECK(p.versions() == Texts{"1 good one *", "2 failed two", "3 edited by hand"});
        CHECK(p.look() == "edited 3");
        p.control.at = [](const std::string&) {};
        CHECK(p.publish("three", Force::yes) == "placed 4");
    }
}
