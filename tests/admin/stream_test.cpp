// SPDX-License-Identifier: MIT
#include "support/admin_server.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

const std::string stream_request =
    "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

std::unique_ptr<Client> open_stream(AdminServer& slotd) {
    auto client = slotd.client();
    client->send(stream_request);
    client->wait_for("retry: 2000\n\n");
    return client;
}

}  // namespace

TEST_SUITE("stream") {
    TEST_CASE("the events that were, then each as it comes") {
        AdminServer slotd;
        slotd.happen("one");
        slotd.happen("two");
        const auto client = open_stream(slotd);
        CHECK(client->received().find("Content-Type: text/event-stream\r\n") != std::string::npos);
        client->wait_for("\"two\"");
        CHECK(client->received().find("\"one\"") < client->received().find("\"two\""));
        slotd.happen("three");
        client->wait_for("\"three\"");
        CHECK(client->received().find("missed") == std::string::npos);
        CHECK(client->received().ends_with("\n\n"));
        CHECK_FALSE(client->ended());
    }

    TEST_CASE("more at once than are kept: what is missed is told") {
        AdminServer slotd;
        slotd.happen("first");
        const auto client = open_stream(slotd);
        client->wait_for("first");
        for (int i = 0; i < 300; ++i) slotd.happen("burst " + std::to_string(i));
        client->wait_for("burst 299");
        CHECK(client->received().find("event: missed\ndata: 44\n\n") != std::string::npos);
        CHECK(client->received().find("burst 43\"") == std::string::npos);
        CHECK(client->received().find("burst 44\"") != std::string::npos);
    }

    TEST_CASE("when nothing happens there is a heartbeat") {
        admin::Limits limits;
        limits.heartbeat = 10ms;
        AdminServer slotd(limits);
        const auto client = open_stream(slotd);
        client->wait_for("\n\n:\n\n:\n\n");
        CHECK_FALSE(client->ended());
    }

    TEST_CASE("a client that does not read is cut") {
        admin::Limits limits;
        limits.write = 50ms;
        limits.heartbeat = 10ms;
        limits.streams = 1;
        AdminServer slotd(limits);
        const auto client = slotd.client();
        client->send(stream_request);
        const std::string text(100'000, 'x');
        // The place of its stream is free again.
        run_until(slotd.io, [&] {
            slotd.happen(text);
            const auto next = slotd.client();
            next->send(stream_request);
            next->wait_for("\n\n");
            return status_of(next->received()) == "200 OK";
        });
    }

    TEST_CASE("there are only so many streams, and one that ends makes room") {
        admin::Limits limits;
        limits.streams = 2;
        AdminServer slotd(limits);
        const auto first = open_stream(slotd);
        auto second = open_stream(slotd);
        CHECK(status_of(slotd.ask(stream_request)) == "503 Service Unavailable");
        CHECK(body_of(slotd.ask(healthz)) == "ok\n");
        second.reset();
        run_until(slotd.io, [&] {
            const auto next = slotd.client();
            next->send(stream_request);
            next->wait_for("\n\n");
            return status_of(next->received()) == "200 OK";
        });
        slotd.happen("still here");
        first->wait_for("still here");
    }

    TEST_CASE("the answer to HEAD ends") {
        AdminServer slotd;
        const std::string answer = slotd.ask(
            "HEAD /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
        CHECK(answer.find("text/event-stream") != std::string::npos);
        CHECK(body_of(answer).empty());
    }

    TEST_CASE("a server that goes ends its streams") {
        AdminServer slotd;
        const auto client = open_stream(slotd);
        slotd.server.reset();
        client->wait_end();
        slotd.happen("nobody listens");
    }
}
