// SPDX-License-Identifier: MIT
#include "slotd/catalog/source.hpp"
#include "slotd/net/spawn.hpp"
#include "support/answers.hpp"
#include "support/http_server.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

const Act no_acls = respond(401, "", "ACL support disabled");

Act allow(const std::vector<bool>& each) {
    std::string body;
    for (const bool one : each)
        body += std::string(body.empty() ? "" : ",") + R"({"Resource":"node","Allow":)" +
                (one ? "true}" : "false}");
    return respond(200, "", "[" + body + "]");
}

std::string show_readable(const model::Result<catalog::Readable>& readable) {
    if (!readable)
        return to_string(readable.error());
    switch (*readable) {
        case catalog::Readable::yes:
            return "yes";
        case catalog::Readable::no:
            return "no";
        case catalog::Readable::cannot_tell:
            return "cannot tell";
    }
    return {};
}

asio::awaitable<void> count_yes(catalog::Source& source, catalog::Query query, int& count) {
    std::vector<std::string> nodes(1);
    const auto readable = co_await source.may_read(query, std::move(nodes));
    if (readable && *readable == catalog::Readable::yes)
        ++count;
}

struct Asked {
    asio::io_context io;
    HttpServer server;
    std::unique_ptr<catalog::Source> source;
    catalog::Query query;

    explicit Asked(std::vector<Act> script) : server(io, std::move(script)) {
        net::HttpOptions options;
        options.base = server.base();
        source = catalog::consul_source(io.get_executor(), options, catalog::Scope());
        query.service = "web";
        query.datacenter = "dc2";
    }

    std::string ask(std::vector<std::string> nodes) {
        return show_readable(result_of(io, source->may_read(query, std::move(nodes))));
    }
    std::string last_body() const { return server.requests().back().body; }
    std::size_t count() const { return server.requests().size(); }
};

}  // namespace

TEST_SUITE("rights") {
    TEST_CASE("the service and the nodes are asked about, where the query goes") {
        Asked asked({allow({true, true, true})});
        CHECK(asked.ask({"n1", "n\"2"}) == "yes");
        CHECK_FALSE(asked.source->has_no_acls());
        CHECK(asked.server.requests()[0].target == "/v1/internal/acl/authorize?dc=dc2");
        CHECK(asked.last_body() == R"([{"Resource":"service","Access":"read","Segment":"web"},)"
                                   R"({"Resource":"node","Access":"read","Segment":"n1"},)"
                                   R"({"Resource":"node","Access":"read","Segment":"n\"2"}])");
    }

    TEST_CASE("one that may not be read is enough") {
        CHECK(Asked({allow({true, false, true})}).ask({"n1", "n2"}) == "no");
        CHECK(Asked({allow({false, true})}).ask({"n1"}) == "no");
    }

    TEST_CASE("Consul takes 64 questions at once, so more are asked in turn") {
        std::vector<std::string> nodes;
        for (int i = 0; i < 130; ++i) nodes.push_back("n" + std::to_string(i));
        Asked asked({allow({true})});
        CHECK(asked.ask(nodes) == "yes");
        REQUIRE(asked.count() == 3);
        std::size_t segments = 0;
        for (const SeenRequest& request : asked.server.requests()) {
            std::size_t here = 0;
            for (std::size_t at = 0; (at = request.body.find("Segment", at)) != std::string::npos;
                 ++at)
                ++here;
            CHECK(here <= 64);
            segments += here;
        }
        CHECK(segments == 3 + 130);
        CHECK(asked.last_body().find("\"n129\"") != std::string::npos);
        Asked refused({allow({true}), allow({false})});
        CHECK(refused.ask(nodes) == "no");
        CHECK(refused.count() == 2);
    }

    TEST_CASE("a Consul without ACLs hides nothing, and is asked once") {
        Asked asked({no_acls});
        CHECK_FALSE(asked.source->has_no_acls());
        CHECK(asked.ask({"n1"}) == "yes");
        CHECK(asked.source->has_no_acls());
        CHECK(asked.ask({"n2"}) == "yes");
        CHECK(asked.count() == 1);
    }

    TEST_CASE("many that ask at the start wait for the first to learn that there are no ACLs") {
        Asked asked({no_acls});
        int count = 0;
        std::vector<net::Task> tasks;
        for (int i = 0; i < 20; ++i)
            tasks.push_back(
                net::spawn(asked.io.get_executor(), count_yes(*asked.source, asked.query, count)));
        run_until(asked.io, [&] { return count == 20; });
        CHECK(asked.count() == 1);
    }

    TEST_CASE("the next one asks when the first was cancelled") {
        Act late = no_acls;
        late.after_requests = 2;
        Asked asked({late, no_acls});
        int count = 0;
        net::Task first =
            net::spawn(asked.io.get_executor(), count_yes(*asked.source, asked.query, count));
        net::Task second =
            net::spawn(asked.io.get_executor(), count_yes(*asked.source, asked.query, count));
        run_until(asked.io, [&] { return asked.count() == 1; });
        first = net::Task();
        run_until(asked.io, [&] { return count == 1; });
    }

    TEST_CASE("after Consul was away it may have ACLs") {
        // A kept connection that breaks is tried once more by libcurl.
        Asked asked({no_acls, hang_up(), hang_up(), allow({true, false})});
        CHECK(asked.ask({"n1"}) == "yes");
        CHECK(show(result_of(asked.io, asked.source->ask(asked.query, std::nullopt, {})).answer)
                  .starts_with("consul-unreachable"));
        CHECK_FALSE(asked.source->has_no_acls());
        CHECK(asked.ask({"n1"}) == "no");
    }

    TEST_CASE("what is not clear tells nothing, what is no answer is an error") {
        struct Row {
            Act act;
            std::string expected;
        };
        const std::vector<Row> rows{
            {respond(403, "", "ACL not found"), "no"},
            {respond(403, "", "Permission denied"), "no"},
            {respond(403, "", "<html>a proxy's"), "cannot tell"},
            {respond(404, "", ""), "cannot tell"},
            {respond(405, "", "method POST not allowed"), "cannot tell"},
            {respond(200, "", "<html>"), "cannot tell"},
            {respond(200, "", "[]"), "cannot tell"},
            {respond(200, "", R"([{"Allow":"yes"}])"), "cannot tell"},
            {respond(503, "", "rate\nlimit"),
             "/v1/internal/acl/authorize: Consul answers 503: rate\\x0alimit"},
            {respond(429, "", ""), "/v1/internal/acl/authorize: Consul answers 429: "},
        };
        for (const Row& row : rows) CHECK(Asked({row.act}).ask({"n1"}) == row.expected);
        Asked away({hang_up()});
        CHECK(away.ask({"n1"}).starts_with(away.server.base() + ": Empty reply from server"));
    }
}
