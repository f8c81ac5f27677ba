// SPDX-License-Identifier: MIT
#include "slotd/admin/events_text.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace slotd;
using admin::EventStreamText;

namespace {

sync::Event event(std::uint64_t number) {
    sync::Event made;
    made.number = number;
    made.time = model::WallTime(std::chrono::seconds(1'000'000'000));
    made.socket = "/h.sock";
    made.text = "a \"b\"";
    return made;
}

const std::string of_socket =
    R"("time":"2001-09-09T01:46:40Z","level":"info","socket":"/h.sock","backend":null,"slot":null,)"
    R"("instance":null,"file":null,"version":null,"text":"a \"b\""})";

}  // namespace

TEST_SUITE("events_text") {
    TEST_CASE("events are one JSON document") {
        CHECK(admin::events_json({}, 7) == "{\"last\":7,\"events\":[]}\n");
        sync::Event full = event(8);
        full.level = sync::LogLevel::warn;
        full.backend = "web";
        full.slot = "s1";
        full.instance = "web-1 on n1";
        full.file = "/etc/haproxy.cfg";
        full.version = 3;
        CHECK(
            admin::events_json({event(7), full}, 8) ==
            "{\"last\":8,\"events\":[{\"number\":7," + of_socket +
                R"(,{"number":8,"time":"2001-09-09T01:46:40Z","level":"warn","socket":"/h.sock",)"
                R"("backend":"web","slot":"s1","instance":"web-1 on n1","file":"/etc/haproxy.cfg",)"
                R"("version":3,"text":"a \"b\""}]})"
                "\n");
    }

    TEST_CASE("a message of the stream has an ID that says of which run it is") {
        const EventStreamText text(1234);
        CHECK(text.message(event(7)) == "id: 1234-7\ndata: {\"number\":7," + of_socket + "\n\n");
        CHECK(EventStreamText::missed(3) == "event: missed\ndata: 3\n\n");
        CHECK(EventStreamText::heartbeat() == ":\n\n");
    }

    TEST_CASE("an ID of another run means from the start") {
        const EventStreamText text(1234);
        CHECK(text.read_id("1234-7") == 7);
        CHECK(text.read_id("1233-7") == 0);
        for (const auto* id : {"", "7", "1234-", "-7", "1234-x", "x-7", "1234-7 ", "1234-7-1"})
            CHECK_FALSE_MESSAGE(text.read_id(id), id);
    }
}
