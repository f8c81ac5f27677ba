// SPDX-License-Identifier: MIT
#include "slotd/admin/routes.hpp"

#include "support/shown.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;
using admin::Answer;
using admin::Response;
using admin::StreamAfter;
using admin::Way;

namespace {

const Lines no_headers;

admin::Request request_of(const std::string& method, const std::string& target,
                          const Lines& headers) {
    admin::RequestParser parser;
    std::string text = method + " " + target + " HTTP/1.0\r\n";
    for (const std::string& header : headers) text += header + "\r\n";
    REQUIRE(parser.feed(text + "\r\n") == admin::RequestParser::State::whole);
    return parser.request();
}

struct Asked : Shown {
    admin::Routes routes{parts()};

    Answer answer(const std::string& method, const std::string& target, Way way = Way::tcp,
                  const Lines& headers = no_headers) {
        return routes.answer(request_of(method, target, headers), way);
    }
    Response ask(const std::string& method, const std::string& target, Way way = Way::tcp,
                 const Lines& headers = no_headers) {
        return std::get<Response>(answer(method, target, way, headers));
    }
    Response get(const std::string& target, const Lines& headers = no_headers) {
        return ask("GET", target, Way::tcp, headers);
    }
    Response post(const std::string& target) { return ask("POST", target, Way::unix_socket); }

    /// "200 text".
    static std::string text(const Response& response) {
        return std::to_string(response.status) + " " + std::string(response.text());
    }
};

}  // namespace

TEST_SUITE("routes") {
    TEST_CASE("each path that shows something has its type") {
        Asked slotd;
        for (const auto& [target, type] :
             {std::pair("/", "text/html; charset=utf-8"),
              std::pair("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
              std::pair("/healthz", "text/plain; charset=utf-8"),
              std::pair("/readyz", "text/plain; charset=utf-8"),
              std::pair("/v1/status", "application/json"),
              std::pair("/v1/events", "application/json")}) {
            for (const auto* method : {"GET", "HEAD"}) {
                const Response response = slotd.ask(method, target);
                CHECK(response.status == 200);
                CHECK(response.type == type);
            }
            for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
                const Response response = slotd.ask(method, target, Way::unix_socket);
                CHECK(response.status == 405);
                CHECK(response.allow == "GET, HEAD");
            }
        }
        CHECK(slotd.get("/").body.find("slotd") != std::string::npos);
        CHECK(slotd.get("/").security_policy.starts_with("default-src 'none'; script-src "));
        CHECK(Asked::text(slotd.get("/healthz")) == "200 ok\n");
    }

    TEST_CASE("what there is not is 404, and a parameter that does nothing 400") {
        Asked slotd;
        for (const auto* target : {"/x", "/metrics/", "//metrics", "/v1", "/v1/statu%73", "/../"})
            CHECK_MESSAGE(slotd.get(target).status == 404, target);
        CHECK(Asked::text(slotd.get("/v1/status?bakend=web")) ==
              "400 /v1/status has no parameter \"bakend\"\n");
        CHECK(slotd.get("/metrics?x").status == 400);
        CHECK(slotd.get("/v1/status?backend=nope").status == 404);
    }

    TEST_CASE("over TCP, only a name of this machine is answered; nothing is asked of a UNIX socket") {
        Asked slotd;
        for (const auto* target : {"/", "/healthz", "/v1/status", "/nothing"}) {
            CHECK(slotd.get(target, {"Host: evil.example"}).status == 403);
            CHECK(slotd.get(target, {"Host:"}).status == 403);
            CHECK(slotd.get(target, {"Host: localhost:8399"}).status != 403);
            CHECK(slotd.ask("GET", target, Way::unix_socket, {"Host: evil.example"}).status != 403);
        }
    }

    TEST_CASE("nothing is changed over TCP") {
        Asked slotd;
        for (const auto* target : {"/v1/pause", "/v1/pause?backend=web", "/v1/resume",
                                   "/v1/log-level?level=debug"}) {
            const Response response =
                slotd.ask("POST", target, Way::tcp, {"Host: localhost"});
            CHECK(Asked::text(response) ==
                  "403 nothing can be changed over TCP: use the UNIX socket that [admin] listen "
                  "names\n");
            const Response got = slotd.ask("GET", target, Way::unix_socket);
            CHECK(got.status == 405);
            CHECK(got.allow == "POST");
        }
        CHECK(slotd.pauses.list().empty());
        CHECK(slotd.log.log.level() == sync::LogLevel::info);
    }

    TEST_CASE("not ready, with each reason, until once ready") {
        Asked slotd;
        slotd.status.backends[0].filled = false;
        slotd.status.backends[1].filled = false;
        CHECK(Asked::text(slotd.get("/readyz")) ==
              "503 web on /a.sock: Consul has not answered yet\n"
              "api on /a.sock: Consul has not answered yet\n");
        CHECK(slotd.get("/v1/status").body.find(R"("ready":false,"not_ready":["web on)") !=
              std::string::npos);
        CHECK(slotd.get("/metrics").text().find("\nslotd_ready 0\n") != std::string::npos);
        slotd.status.backends[0].filled = true;
        slotd.status.backends[1].filled = true;
        CHECK(Asked::text(slotd.get("/readyz")) == "200 ready\n");
        slotd.status.backends[0].filled = false;
        CHECK(Asked::text(slotd.get("/readyz")) == "200 ready\n");
        CHECK(slotd.get("/v1/status").body.find(R"("ready":true,"not_ready":[])") !=
              std::string::npos);
    }

    TEST_CASE("metrics that take long to make are made for many who ask") {
        Shown shown;
        int count = 0;
        admin::Parts parts = shown.parts();
        parts.status = [&](sync::Detail) {
            ++count;
            const auto end = std::chrono::steady_clock::now() + 20ms;
            while (std::chrono::steady_clock::now() < end) {
            }
            return shown.status;
        };
        admin::Routes routes(parts);
        const auto ask = [&] {
            return std::get<Response>(routes.answer(request_of("GET", "/metrics", {}), Way::tcp));
        };
        const Response first = ask();
        CHECK(ask().text().data() == first.text().data());
        CHECK(count == 1);
    }

    TEST_CASE("the status of all backends, or of one") {
        Asked slotd;
        CHECK(slotd.get("/v1/status").body.find(R"("name":"web")") != std::string::npos);
        const std::string one = slotd.get("/v1/status?backend=api").body;
        CHECK(one.find(R"("name":"web")") == std::string::npos);
        CHECK(one.find(R"("name":"api")") != std::string::npos);
    }

    TEST_CASE("events after a number; a number that was not given yet is of an earlier slotd") {
        Asked slotd;
        for (const auto* text : {"one", "two", "three"}) slotd.happen(text);
        const auto count = [&](const std::string& target) {
            const std::string body = slotd.get(target).body;
            CHECK(body.starts_with("{\"last\":3,"));
            std::size_t events = 0;
            for (auto at = body.find("\"number\""); at != std::string::npos;
                 at = body.find("\"number\"", at + 1))
                ++events;
            return events;
        };
        CHECK(count("/v1/events") == 3);
        CHECK(count("/v1/events?after=1") == 2);
        CHECK(count("/v1/events?after=3") == 0);
        CHECK(count("/v1/events?after=4") == 3);
        for (const auto* target : {"/v1/events?after=", "/v1/events?after=x",
                                   "/v1/events?after=-1", "/v1/events?after=1-1"})
            CHECK_MESSAGE(slotd.get(target).status == 400, target);
    }

    TEST_CASE("a browser gets a stream, and goes on where it was") {
        Asked slotd;
        for (const auto* text : {"one", "two", "three"}) slotd.happen(text);
        const auto after = [&](const std::string& target, const std::string& id = {}) {
            const Lines headers = id.empty()
                                      ? Lines{"Accept: text/event-stream"}
                                      : Lines{"Accept: text/event-stream", "Last-Event-ID: " + id};
            return std::get<StreamAfter>(slotd.answer("GET", target, Way::tcp, headers)).number;
        };
        sync::Event two;
        two.number = 2;
        const std::string message = slotd.routes.stream_text().message(two);
        const std::string id = message.substr(4, message.find('\n') - 4);
        CHECK(after("/v1/events") == 0);
        CHECK(after("/v1/events?after=1") == 1);
        CHECK(after("/v1/events?after=1", id) == 2);
        CHECK(after("/v1/events?after=1", "1-2") == 0);
        CHECK(slotd.get("/v1/events", {"Accept: text/event-stream", "Last-Event-ID: x"}).status ==
              400);
        CHECK(slotd.get("/v1/events", {"Accept: */*"}).type == "application/json");
    }
}

TEST_SUITE("control") {
    TEST_CASE("a pause of one backend or of all, with an end or without") {
        Asked slotd;
        CHECK(Asked::text(slotd.post("/v1/pause?backend=web")) ==
              "200 {\"backend\":\"web\",\"paused\":true,\"until\":null,\"kept\":true}\n");
        CHECK(slotd.pauses.of("web"));
        CHECK_FALSE(slotd.pauses.of("api"));
        const auto before = std::chrono::system_clock::now();
        const Response all = slotd.post("/v1/pause?for=30m");
        CHECK(all.body.starts_with("{\"backend\":null,\"paused\":true,\"until\":\"2"));
        const auto pause = slotd.pauses.of("api");
        REQUIRE(pause);
        CHECK(*pause->until >= before + 30min);
        CHECK(*pause->until <= std::chrono::system_clock::now() + 30min);

        CHECK(slotd.post("/v1/resume").body == "{\"backend\":null,\"paused\":false}\n");
        CHECK(slotd.pauses.list().empty());
    }

    TEST_CASE("what can't be paused or resumed is told") {
        Asked slotd;
        CHECK(Asked::text(slotd.post("/v1/pause?backend=wbe")) ==
              "404 slotd has no backend \"wbe\" with slots\n");
        for (const auto* time : {"", "30", "0s", "1d", "-1s"})
            CHECK(Asked::text(slotd.post(std::string("/v1/pause?for=") + time)) ==
                  "400 \"" + std::string(time) +
                      "\" is no time for a pause: \"90s\", \"30m\" or \"2h\" is one\n");
        CHECK(slotd.post("/v1/pause?until=1h").status == 400);
        CHECK(slotd.pauses.list().empty());
        CHECK(Asked::text(slotd.post("/v1/resume?backend=web")) == "409 web is not paused\n");
        slotd.post("/v1/pause");
        CHECK(Asked::text(slotd.post("/v1/resume?backend=web")) ==
              "409 all backends are paused, not web alone (resume all of them, and pause those "
              "that shall stay so)\n");
    }

    TEST_CASE("a pause that can't be kept is none") {
        Shown shown;
        sync::Pauses nowhere(shown.io.get_executor(), "/no/such/folder/pauses");
        admin::Parts parts = shown.parts();
        parts.pauses = &nowhere;
        admin::Routes routes(parts);
        const auto answer =
            routes.answer(request_of("POST", "/v1/pause?backend=web", {}), Way::unix_socket);
        CHECK(std::get<Response>(answer).status == 500);
        CHECK(nowhere.list().empty());
    }

    TEST_CASE("the log's level, said where it shows") {
        Asked slotd;
        CHECK(Asked::text(slotd.post("/v1/log-level?level=debug")) ==
              "200 {\"level\":\"debug\"}\n");
        CHECK(slotd.log.log.enabled(sync::LogLevel::debug));
        slotd.post("/v1/log-level?level=error");
        slotd.post("/v1/log-level?level=info");
        CHECK(slotd.log.lines() == Lines{"info  the log's level is debug now, by the admin socket",
                                         "info  the log's level is error now, by the admin socket",
                                         "info  the log's level is info now, by the admin socket"});
        for (const auto* target : {"/v1/log-level", "/v1/log-level?level=",
                                   "/v1/log-level?level=loud", "/v1/log-level?level=DEBUG"})
            CHECK(Asked::text(slotd.post(target)) ==
                  "400 level is one of trace, debug, info, warn, error, off\n");
    }
}
