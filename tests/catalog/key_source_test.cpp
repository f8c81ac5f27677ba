// SPDX-License-Identifier: MIT
#include "slotd/catalog/source.hpp"
#include "support/scripted_consul.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;

namespace {

std::string ask_key(Consul& consul, Index index = {}) {
    catalog::Query key;
    key.key = "lb/web";
    return describe(result_of(consul.io, consul.source->ask(key, index, {})));
}

std::string hear_key(const Act& act, Index index = {}) {
    Consul consul({act});
    return ask_key(consul, index);
}

Act value(const std::string& base64) {
    return respond(200, good, R"([{"Key":"lb/web","Value":)" + base64 + "}]");
}

}  // namespace

TEST_SUITE("source of a key") {
    TEST_CASE("a key's servers, without a question for the token's rights") {
        Consul consul({value("\"c2VydmVyIGEgMTAuMC4wLjE6ODA=\""), value("null")});
        CHECK(ask_key(consul) == "a 10.0.0.1:80 passing\n[index 7]");
        CHECK(ask_key(consul, 7) == "[index 7]");
        REQUIRE(consul.server.requests().size() == 2);
        CHECK(consul.server.requests()[0].target == "/v1/kv/lb/web?stale");
        CHECK(consul.server.requests()[1].target == "/v1/kv/lb/web?stale&index=7&wait=60s");
        CHECK(consul.server.requests()[1].header("X-Consul-Token") == "the-secret");
    }

    TEST_CASE("a value that makes no sense stands until it changes, a document does not") {
        CHECK(
            hear_key(value("\"c2VydmVyIGE=\"")) ==
            "unreadable-answer: the key lb/web can't be followed: line 1: \"server a\": it is not "
            "`server NAME ADDR:PORT` (nothing of the new value is used until it is mended)"
            "[index 7][until change]");
        CHECK(hear_key(respond(200, good, "server a 10.0.0.1:80"))
                  .starts_with("unreadable-answer: Consul's answer can't be read: "));
        CHECK(hear_key(respond(200, good, "[]")) ==
              "unreadable-answer: Consul's answer can't be read: it has 0 keys, not one[index 7]");
    }

    TEST_CASE("a key that is not there is unknown until it is") {
        const std::string missing =
            "consul-error: the key lb/web does not exist; put its list of servers there, or mend "
            "the key's name in slotd's configuration[index 7][until change]";
        CHECK(hear_key(respond(404, good, "")) == missing);
        CHECK(hear_key(respond(404, good, ""), 5) == missing);
        // Without a leader nobody knows what is there.
        const Act leaderless =
            respond(404, "X-Consul-Index: 1\r\nX-Consul-Knownleader: false\r\n", "");
        CHECK(hear_key(leaderless) ==
              "no-leader: Consul knows no leader; its servers need to elect one");
        CHECK(hear_key(leaderless, 5).ends_with("[index 1][ask anew][until change]"));
        // What is no Consul says 404 too.
        CHECK(hear_key(respond(404, "", "")) ==
              "consul-error: Consul answers 404; is this Consul's HTTP address?[configuration]");
    }

    TEST_CASE("a key that the token may not read") {
        CHECK(hear_key(refusal(403, "Permission denied")) ==
              "acl: Consul answers 403: Permission denied; the token needs key:read for the key "
              "lb/web[configuration]");
    }
}
