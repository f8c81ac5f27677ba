// SPDX-License-Identifier: MIT
#include "slotd/catalog/query.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using catalog::Consistency;
using catalog::Query;
using catalog::Scope;

namespace {

Query query_of(const std::string& service, std::vector<std::string> tags = {},
            const std::string& filter = {}, const std::string& datacenter = {}) {
    Query made;
    made.service = service;
    made.tags = std::move(tags);
    made.filter = filter;
    made.datacenter = datacenter;
    return made;
}

Scope scope(Consistency consistency) {
    Scope made;
    made.consistency = consistency;
    return made;
}

}  // namespace

TEST_SUITE("query") {
    TEST_CASE("a label has what narrows the query, and is printable") {
        struct Row {
            Query query;
            std::string expected;
        };
        const std::vector<Row> rows{
            {query_of("web"), "web"},
            {query_of("web", {"prod"}), "web (tag prod)"},
            {query_of("web", {"prod", "v2"}), "web (tags prod v2)"},
            {query_of("web", {}, "Service.Port == 80"), "web (filter Service.Port == 80)"},
            {query_of("web", {}, "", "dc2"), "web (datacenter dc2)"},
            {query_of("web", {"prod"}, "Node.Node == n1", "dc2"),
             "web (tag prod, datacenter dc2, filter Node.Node == n1)"},
            {query_of("we\nb", {"\x1b[31m"}, "\n", "\r"),
             "we\\x0ab (tag \\x1b[31m, datacenter \\x0d, filter \\x0a)"},
            {query_of(std::string(101, 'x')), std::string(100, 'x') + "..."},
            {query_of("web", {std::string(61, 't')}), "web (tag " + std::string(60, 't') + "...)"},
        };
        for (const Row& row : rows) CHECK(to_string(row.query) == row.expected);
    }

    TEST_CASE("a key is named as such") {
        Query key;
        key.key = "lb/w\neb";
        CHECK(in_a_sentence(key) == "the key lb/w\\x0aeb");
        key.datacenter = "dc2";
        CHECK(to_string(key) == "lb/w\\x0aeb (datacenter dc2)");
        CHECK(in_a_sentence(query_of("web", {"prod"})) == "the service web (tag prod)");
        CHECK(key != query_of("", {}, "", "dc2"));
    }

    TEST_CASE("queries are equal when all their parts are") {
        const Query web = query_of("web", {"a"}, "f", "d");
        CHECK(web == query_of("web", {"a"}, "f", "d"));
        for (const Query& other : {query_of("Web", {"a"}, "f", "d"), query_of("web", {}, "f", "d"),
                                   query_of("web", {"a"}, "", "d"), query_of("web", {"a"}, "f")})
            CHECK(web != other);
    }

    TEST_CASE("the target has what the query asks, percent-encoded") {
        struct Row {
            Query query;
            std::string expected;
        };
        const std::vector<Row> rows{
            {query_of("web"), "web?stale"},
            {query_of("Web-1_2.3~"), "Web-1_2.3~?stale"},
            {query_of("a/b c?d#e&f=g%h+i"), "a%2Fb%20c%3Fd%23e%26f%3Dg%25h%2Bi?stale"},
            {query_of("b\xc3\xbcro"), "b%C3%BCro?stale"},
            {query_of("web", {"prod", "v 2"}), "web?stale&tag=prod&tag=v%202"},
            {query_of("web", {}, R"(Service.Meta["zone"] == "a" and "x" in Service.Tags)"),
             "web?stale&filter=Service.Meta%5B%22zone%22%5D%20%3D%3D%20%22a%22%20and%20%22x%22%20in"
             "%20Service.Tags"},
            {query_of("web", {}, "", "dc2"), "web?stale&dc=dc2"},
            {query_of("web", {"t"}, "f", "d"), "web?stale&dc=d&tag=t&filter=f"},
        };
        for (const Row& row : rows)
            CHECK(target_of(row.query, Scope(), std::nullopt) ==
                  "/v1/health/service/" + row.expected);
    }

    TEST_CASE("the target has what all queries share") {
        const std::string web = "/v1/health/service/web";
        CHECK(target_of(query_of("web"), scope(Consistency::stale), std::nullopt) == web + "?stale");
        CHECK(target_of(query_of("web"), scope(Consistency::standard), std::nullopt) == web);
        CHECK(target_of(query_of("web"), scope(Consistency::consistent), std::nullopt) ==
              web + "?consistent");

        Scope everything = scope(Consistency::standard);
        everything.datacenter = "dc9";
        everything.ns = "team a";
        everything.partition = "p&q";
        CHECK(target_of(query_of("web"), everything, std::nullopt) ==
              web + "?dc=dc9&ns=team%20a&partition=p%26q");
        CHECK(target_of(query_of("web", {}, "", "dc2"), everything, std::nullopt) ==
              web + "?dc=dc2&ns=team%20a&partition=p%26q");
    }

    TEST_CASE("an index comes with a wait, and no wait without an index") {
        Scope patient = scope(Consistency::standard);
        patient.wait = std::chrono::seconds(90);
        CHECK(target_of(query_of("web"), patient, 7) == "/v1/health/service/web?index=7&wait=90s");
        CHECK(target_of(query_of("web"), Scope(), 18446744073709551615U) ==
              "/v1/health/service/web?stale&index=18446744073709551615&wait=60s");
        CHECK(target_of(query_of("web", {"t"}), Scope(), 1) ==
              "/v1/health/service/web?stale&tag=t&index=1&wait=60s");
    }

    TEST_CASE("a key's target keeps its slashes") {
        Query key;
        key.key = "lb/we b?/x#";
        Scope everything;
        everything.ns = "n";
        CHECK(target_of(key, everything, std::nullopt) == "/v1/kv/lb/we%20b%3F/x%23?stale&ns=n");
        key.datacenter = "dc2";
        CHECK(target_of(key, scope(Consistency::consistent), 7) ==
              "/v1/kv/lb/we%20b%3F/x%23?consistent&dc=dc2&index=7&wait=60s");
        CHECK(authorize_target(key, Scope()) == "/v1/internal/acl/authorize?dc=dc2");
        CHECK(authorize_body(key, {"", "n1"}) ==
              R"([{"Resource":"key","Access":"read","Segment":"lb/we b?/x#"}])");
    }

    TEST_CASE("Consul can be asked for any key but those it folds") {
        for (const char* key : {"a", "a/b", "a/", ".a/b.", "a b", "a..b/...", "\"", "b\xc3\xbcro"})
            CHECK_MESSAGE(catalog::check_key(key), key);
        for (const char* key : {"", "/", "/a", "//", "a//b", "a//", ".", "..", "./a", "a/./b",
                                "a/..", "a/../b", "a\nb", "\x7f"}) {
            CAPTURE(key);
            CHECK_FALSE(catalog::check_key(key));
        }
        CHECK(
            to_string(catalog::check_key("/a\n").error()) ==
            "\"/a\\x0a\" is no key Consul can be asked for (write it as `consul kv get` takes it, "
            "without a / in front)");
    }

    TEST_CASE("Consul can be asked for any name but a few") {
        for (const char* name : {"web", "Web", "a b", "a/b", "...", ".a", "a;b", "\"", "\\", "%",
                                 "b\xc3\xbcro", "\xf0\x9f\x90\xb1"})
            CHECK(catalog::check_service_name(name));
        struct Row {
            std::string name;
            std::string printed;
        };
        const std::vector<Row> rows{
            {"", ""},
            {".", "."},
            {"..", ".."},
            {"a\nb", "a\\x0ab"},
            {std::string("web\0evil", 8), "web\\x00evil"},
            {"\x1b", "\\x1b"},
            {"a\x7f", "a\\x7f"},
        };
        for (const Row& row : rows) {
            const auto checked = catalog::check_service_name(row.name);
            REQUIRE_FALSE(checked);
            CHECK(checked.error().kind == model::ErrorKind::config);
            CHECK(to_string(checked.error()) == "\"" + row.printed +
                                                    "\" is no name Consul can be asked for (write "
                                                    "the service's name as Consul lists it)");
        }
    }
}
