// SPDX-License-Identifier: MIT
#include "slotd/catalog/sight.hpp"
#include "support/scripted_consul.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

/// Asks, and what is doubted of the first list then.
std::string first_list(asio::io_context& io, catalog::Source& source, Index index = {}) {
    catalog::Heard heard = result_of(io, source.ask(query("web"), index, {}));
    if (auto* instances = std::get_if<model::Instances>(&heard.answer)) {
        catalog::Sight sight(source, query("web"));
        if (auto doubt = result_of(io, sight.why_doubt(*instances, nullptr)))
            heard.answer = *std::move(doubt);
    }
    return describe(heard);
}

}  // namespace

TEST_SUITE("hidden answer") {
    TEST_CASE("no instance is doubted when the token may not read the service, or no node") {
        struct Row {
            std::vector<Act> after;  ///< what Consul answers to what it is asked about the token
            bool hidden;
        };
        const Act empty = respond(200, good, "[]");
        const Act yes = respond(200, "", R"([{"Allow":true}])");
        const Act no = respond(200, "", R"([{"Allow":true},{"Allow":false}])");
        const std::vector<Row> rows{
            {{yes}, false},
            {{no, no}, true},
            {{no, yes, respond(200, good, "[]\n")}, true},
            {{no, yes, respond(200, good, R"([{"Node":"n1"}])")}, false},
            {{no, yes, refusal(500, "[]")}, false},
            {{no, yes, hang_up()}, false},
            {{no, refusal(403, "ACL not found")}, true},
            {{no, refusal(500, "No cluster leader")}, false},
            {{refusal(401, "ACL support disabled")}, false},
            {{refusal(404, "")}, false},
            {{hang_up()}, false},
        };
        for (const Row& row : rows) {
            std::vector<Act> script{empty};
            script.insert(script.end(), row.after.begin(), row.after.end());
            for (const Index index : {Index(), Index(5)}) {
                Consul consul(script);
                CHECK(first_list(consul.io, *consul.source, index) ==
                      (row.hidden
                           ? "acl: the token may not read the service or all of its nodes; it "
                             "needs service:read and node:read[index 7]"
                           : "[index 7]"));
                CHECK(consul.server.requests().size() >= script.size());
            }
        }
        Consul consul({empty, no, yes, respond(200, good, "[]")});
        first_list(consul.io, *consul.source);
        const auto& requests = consul.server.requests();
        REQUIRE(requests.size() == 4);
        CHECK(requests[1].target == "/v1/internal/acl/authorize");
        CHECK(requests[3].target == "/v1/catalog/nodes?stale");
    }

    TEST_CASE("that Consul has no ACLs is asked once, and again after it was away") {
        const Act empty = respond(200, good, "[]");
        const Act off = refusal(401, "ACL support disabled");
        Consul consul({empty, off, empty, refusal(500, "no"), empty, off});
        for (const std::string expected :
             {"[index 7]", "[index 7]",
              "consul-error: Consul answers 500: no; the agent's log says more", "[index 7]"})
            CHECK(first_list(consul.io, *consul.source) == expected);
        CHECK(consul.server.requests().size() == 6);
    }

    TEST_CASE("without a token what ACLs hide says that there is none") {
        asio::io_context io;
        const HttpServer server(
            io, {respond(200, good, "[]"), respond(200, "", R"([{"Allow":false}])")});
        net::HttpOptions options;
        options.base = server.base();
        const auto source = catalog::consul_source(io.get_executor(), options, catalog::Scope());
        CHECK(first_list(io, *source) ==
              "acl: Consul's ACLs let nobody read the service without a token; give slotd one with "
              "service:read and node:read (token_file, CONSUL_HTTP_TOKEN_FILE)[index 7]");
    }
}
