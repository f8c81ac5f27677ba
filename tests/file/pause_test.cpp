// SPDX-License-Identifier: MIT
#include "keeping.hpp"
#include "slotd/file/lock.hpp"

#include <doctest/doctest.h>

using namespace slotd;
using namespace slotd::file;
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

TEST_CASE("a pause that begins during HAProxy's check holds the file back too") {
    Kept k;
    k.control->at = [&k](const std::string& step) { k.paused = k.paused || step == "check"; };
    k.add("late");
    k.wait([&] {
        k.rest();
        return k.paused;
    });
    for (int i = 0; i < 5; ++i) {
        k.rest();
        k.turn();
    }
    CHECK(k.file() == "api 3\nweb 3\n");
    CHECK(k.loaded().size() == 1);
    CHECK(k.said("stays as it is, slotd was paused meanwhile") == 1);
    CHECK(k.standing().version == 1);
    k.control->at = [](const std::string&) {};
    k.paused = false;
    k.wait_file("api 3\nlate 3\nweb 3\n");
    k.wait_log("version 2 (late came) is in place and loaded");
}

TEST_CASE("a pause that begins while another slotd works leaves what that one left undone") {
    Publishing p;
    p.publish("one");
    auto lock = result_of(p.io, Lock::take(p.settings.folder + "/lock", patience));
    REQUIRE(lock);
    REQUIRE(p.history().add("late", Grade::fresh, "late came", std::chrono::system_clock::now()));
    spit(p.output(), "late");
    bool paused = false;
    Publisher publisher(
        p.settings, p.control, p.log, [] { return std::chrono::system_clock::now(); },
        [&paused] { return paused; });
    const auto result = std::make_shared<std::optional<model::Result<Outcome>>>();
    const net::Task task =
        net::spawn(p.io.get_executor(), store(publisher.publish(Wanted("two", "why")), result));
    p.io.restart();
    p.io.poll();
    REQUIRE_FALSE(result->has_value());
    paused = true;
    { const Lock gone = *std::move(lock); }
    run_until(p.io, [&] { return result->has_value(); });
    CHECK(text_of(**result).starts_with("left 2: "));
    CHECK(p.file() == "late");
    CHECK(p.control.loaded == Texts{"one"});
    paused = false;
    CHECK(text_of(result_of(p.io, publisher.look())) == "placed 2");
}

namespace {

/// As a slotd that was killed when its version 2 was in place: not yet loaded, or failed.
void leave_unfinished(Kept& k, Grade grade) {
    k.stop();
    auto history = History::open(k.settings.folder, 50);
    REQUIRE(history);
    REQUIRE(history->add("late\n", grade, "late came", k.wall));
    spit(k.settings.output, "late\n");
    k.paused = true;
    k.start();
}

}  // namespace

TEST_CASE("while it is paused a killed slotd's reload waits too") {
    Kept k;
    leave_unfinished(k, Grade::fresh);
    k.wait_log(
        "haproxy.cfg stays as it is while slotd is paused: a slotd that was killed put version 2 "
        "there and did not get to have it loaded (that is done when the pause is over)");
    for (int i = 0; i < 5; ++i) {
        k.rest();
        k.turn();
    }
    CHECK(k.loaded().empty());
    CHECK(k.file() == "late\n");
    CHECK(k.said("stays as it is") == 1);
    CHECK(k.standing().version == 2);
    CHECK(k.standing().error.find("have it loaded") != std::string::npos);
    k.paused = false;
    k.wait_log("version 2 is in place and loaded");
    CHECK(k.loaded() == Texts{"late\n"});
    k.wait([&] { return k.standing().error.empty(); });
}

TEST_CASE("while it is paused a killed slotd's way back waits too") {
    Kept k;
    leave_unfinished(k, Grade::failed);
    k.wait_log("HAProxy did not come up with version 2, and a slotd that was killed did not");
    k.rest();
    k.turn();
    CHECK(k.loaded().empty());
    CHECK(k.file() == "late\n");
    k.paused = false;
    k.wait_log("the version before it is in place and loaded again");
    CHECK(k.loaded().front() == "api 3\nweb 3\n");
}
