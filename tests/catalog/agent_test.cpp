// SPDX-License-Identifier: MIT
#include "slotd/catalog/agent.hpp"

#include "support/http_server.hpp"
#include "support/loop.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

const std::string self =
    R"({"Config":{"Datacenter":"dc1","NodeName":"n1","Server":true,"Version":"1.8.7"},)"
    R"("DebugConfig":{"HTTPMaxConnsPerClient":200,"HTTPPort":8500},"Member":{}})";

struct ScriptedAgent {
    asio::io_context io;
    HttpServer server;

    explicit ScriptedAgent(std::vector<Act> script) : server(io, std::move(script)) {}

    model::Result<catalog::Agent> ask() {
        net::HttpOptions options;
        options.base = server.base();
        options.token = "the-secret";
        return result_of(io, catalog::ask_agent(io.get_executor(), options));
    }

    std::string error() {
        const auto said = ask();
        return said ? "" : said.error().what + " (" + said.error().hint + ")";
    }
};

}  // namespace

TEST_SUITE("agent") {
    TEST_CASE("it tells its leader, version, datacenter and limit of connections") {
        ScriptedAgent consul({respond(200, "", "\"127.0.0.1:8300\"\n"), respond(200, "", self)});
        const auto agent = consul.ask();
        REQUIRE(agent);
        CHECK(agent->leader == "127.0.0.1:8300");
        CHECK(agent->version == "1.8.7");
        CHECK(agent->datacenter == "dc1");
        CHECK(agent->most_connections == 200);
        CHECK(agent->refusal.empty());
        REQUIRE(consul.server.requests().size() == 2);
        CHECK(consul.server.requests()[0].target == "/v1/status/leader");
        CHECK(consul.server.requests()[1].target == "/v1/agent/self");
        CHECK(consul.server.requests()[1].header("X-Consul-Token") == "the-secret");
    }

    TEST_CASE("a token that may not read the agent leaves the leader") {
        ScriptedAgent consul(
            {respond(200, "", "\"127.0.0.1:8300\"\n"), respond(403, "", "Permission denied\r\n")});
        const auto agent = consul.ask();
        REQUIRE(agent);
        CHECK(agent->leader == "127.0.0.1:8300");
        CHECK(agent->version.empty());
        CHECK(agent->refusal == "Permission denied");
    }

    TEST_CASE("without a leader it says an empty text, or fails") {
        for (const Act& act : {respond(200, "", "\"\"\n"), respond(500, "", "No cluster leader")}) {
            ScriptedAgent consul({act, respond(200, "", self)});
            const auto agent = consul.ask();
            REQUIRE(agent);
            CHECK(agent->leader.empty());
            CHECK(agent->version == "1.8.7");
        }
    }

    TEST_CASE("what is no Consul is told from one, and so is nobody") {
        const std::string hint = " (is this the address of Consul's HTTP API?)";
        CHECK(ScriptedAgent({respond(404, "", "not found")}).error() ==
              "answers 404, but not as Consul does" + hint);
        CHECK(ScriptedAgent({respond(200, "", "<html>")}).error() ==
              "answers 200, but not as Consul does" + hint);
        CHECK(ScriptedAgent({hang_up()}).error().starts_with("Empty reply from server"));
    }

    TEST_CASE("parts that are missing or of another type are left out") {
        for (const char* body : {"", "[]", "{}", R"({"Config":{"Version":7}})", "nul",
                                 R"({"Config":7,"DebugConfig":{"HTTPMaxConnsPerClient":"x"}})"}) {
            catalog::Agent agent;
            catalog::parse_self(body, agent);
            CHECK(agent.version.empty());
            CHECK_FALSE(agent.most_connections);
        }
        catalog::Agent agent;
        catalog::parse_self(R"({"Config":{"Version":"1\n2"}})", agent);
        CHECK(agent.version == "1\\x0a2");
    }
}
