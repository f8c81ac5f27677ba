// SPDX-License-Identifier: MIT
#include "slotd/catalog/listing.hpp"

#include "slotd/net/spawn.hpp"
#include "support/fake_listing.hpp"
#include "support/scripted_consul.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

std::string text_of(const std::string& value) {
    return value;
}
std::string text_of(const catalog::ServiceTags& services) {
    std::string text;
    for (const auto& [name, tags] : services) {
        text += name + ":";
        for (const std::string& tag : tags) text += " " + tag;
        text += "\n";
    }
    return text;
}

template <typename T>
std::string describe(const catalog::Listed<T>& listed) {
    const auto* unknown = std::get_if<model::Unknown>(&listed.answer);
    std::string text = unknown ? std::string(to_string(unknown->doubt)) + ": " + unknown->detail
                               : text_of(std::get<T>(listed.answer));
    text += listed.index ? "[index " + std::to_string(*listed.index) + "]" : "";
    text += listed.ask_anew ? "[ask anew]" : "";
    text += listed.until_change ? "[until change]" : "";
    return text + (listed.configuration ? "[configuration]" : "");
}

struct Asking {
    asio::io_context io;
    HttpServer server;
    std::unique_ptr<catalog::Listing> listing;

    explicit Asking(std::vector<Act> script, catalog::Scope scope = {})
        : server(io, std::move(script)) {
        net::HttpOptions options;
        options.base = server.base();
        options.token = "the-secret";
        listing = catalog::consul_listing(io.get_executor(), options, std::move(scope));
    }

    std::string services(Index index = {}) {
        return describe(result_of(io, listing->services(index)));
    }
    std::string value(const std::string& key, Index index = {}) {
        return describe(result_of(io, listing->value(key, index)));
    }
};

std::string services_in(const Act& act, Index index = {}) {
    return Asking({act}).services(index);
}
std::string value_in(const Act& act, Index index = {}) {
    return Asking({act}).value("lb/list", index);
}
std::string services_in(const std::string& body) {
    return services_in(respond(200, good, body));
}

const Act leaderless = respond(200, "X-Consul-Index: 7\r\nX-Consul-Knownleader: false\r\n", "{}");

}  // namespace

TEST_SUITE("listing") {
    TEST_CASE("all services with their tags") {
        catalog::Scope scope;
        scope.datacenter = "dc2";
        const Act act = respond(200, good, R"({"consul":[],"web":["prod","v2"],"api":null})");
        Asking asking({act, act}, scope);
        CHECK(asking.services() == "api:\nconsul:\nweb: prod v2\n[index 7]");
        asking.services(7);
        REQUIRE(asking.server.requests().size() == 2);
        CHECK(asking.server.requests()[0].target == "/v1/catalog/services?stale&dc=dc2");
        CHECK(asking.server.requests()[1].target ==
              "/v1/catalog/services?stale&dc=dc2&index=7&wait=60s");
        CHECK(asking.server.requests()[0].header("X-Consul-Token") == "the-secret");
    }

    TEST_CASE("what is no map of services is unknown") {
        const std::string unreadable = "unreadable-answer: Consul's answer can't be read: ";
        CHECK(services_in("[]") == unreadable + "the document is an array, not an object");
        CHECK(services_in(R"({"web":"x"})") == unreadable + "\"web\" is a string, not an array");
        CHECK(services_in(R"({"web":[1]})") ==
              unreadable + "a tag of \"web\" is a number, not a string");
        CHECK(services_in(R"({"web":[]})" + std::string("x")).starts_with(unreadable));
        CHECK(services_in("").starts_with(unreadable));
    }

    TEST_CASE("what Consul says when it can't answer") {
        CHECK(services_in(refusal(500, "No cluster leader")) ==
              "no-leader: Consul answers 500: No cluster leader; its servers need to elect one");
        CHECK(services_in(refusal(403, "ACL not found")) ==
              "acl: Consul answers 403: ACL not found; the token needs service:read for the "
              "services that get a backend[configuration]");
        CHECK(services_in(respond(200, "", "{}"))
                  .starts_with("index-reset: Consul's answer has no index; is this Consul's"));
        CHECK(services_in(leaderless) ==
              "no-leader: Consul knows no leader; its servers need to elect one");
        CHECK(services_in(leaderless, 5) == "[index 7][ask anew]");
        CHECK(
            services_in(respond(200, good + "X-Consul-Results-Filtered-By-ACLs: true\r\n", "{}")) ==
            "acl: Consul left out what the token may not read; it needs service:read for the "
            "services that get a backend");
        CHECK(services_in(hang_up()).starts_with("consul-unreachable: "));
    }

    TEST_CASE("the bytes of a key") {
        const Act act = respond(200, good, "server a\\nb\n");
        Asking asking({act, act, act});
        CHECK(asking.value("lb/list") == "server a\\nb\n[index 7]");
        asking.value("a b/c?", 7);
        REQUIRE(asking.server.requests().size() == 2);
        CHECK(asking.server.requests()[0].target == "/v1/kv/lb/list?raw&stale");
        CHECK(asking.server.requests()[1].target == "/v1/kv/a%20b/c%3F?raw&stale&index=7&wait=60s");
    }

    TEST_CASE("a key that is not there is unknown until something changes") {
        CHECK(value_in(respond(404, good, "")) ==
              "consul-error: the key does not exist[index 7][until change]");
        CHECK(value_in(respond(404, "", "404 page not found")) ==
              "consul-error: Consul answers 404: 404 page not found; is this Consul's HTTP "
              "address?[configuration]");
        CHECK(value_in(respond(404, "X-Consul-Index: 1\r\nX-Consul-Knownleader: false\r\n", "")) ==
              "no-leader: Consul knows no leader; its servers need to elect one");
        CHECK(value_in(respond(403, "", "Permission denied")) ==
              "acl: Consul answers 403: Permission denied; the token needs key:read for the key "
              "lb/list[configuration]");
    }

    TEST_CASE("a watch tells each change once, and what can't be told once") {
        asio::io_context io;
        const auto listing = std::make_shared<FakeListing>(io.get_executor());
        std::vector<std::string> told;
        catalog::OnListed<std::string> tell =
            [&told](const std::variant<std::string, model::Unknown>& answer) {
                const auto* value = std::get_if<std::string>(&answer);
                told.push_back(value ? *value : "unknown");
            };
        net::Task task = net::spawn(io.get_executor(),
                                    catalog::watch_value(listing, "k", tell, [] { return 0.0; }));
        const auto wait = [&](std::size_t count) {
            run_until(io, [&] { return told.size() >= count; });
        };
        listing->set_key("k", std::string("one"));
        wait(1);
        listing->set_key("k", std::string("one"));
        listing->set_key("k", std::string("two"));
        wait(2);
        listing->set_key("k", model::Unknown(model::Doubt::unreachable, "x"));
        wait(3);
        listing->set_key("k", std::string("three"));
        wait(4);
        CHECK(told == std::vector<std::string>{"one", "two", "unknown", "three"});
        task = net::Task();
        run_for(io, milliseconds(1));
    }
}
