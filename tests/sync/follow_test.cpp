// SPDX-License-Identifier: MIT
#include "slotd/sync/follow.hpp"

#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using slotd::testing::slot_id;
using Strings = std::vector<std::string>;

namespace {

model::Server server(const std::string& backend, const std::string& name, const std::string& host) {
    model::Server made(slot_id(name, backend));
    made.host_name = host;
    return made;
}

// "BACKEND SERVICE: slots" for each group.
Strings show_following(const sync::Following& following) {
    Strings lines;
    for (const sync::Group& group : following.groups) {
        std::string line =
            group.key.backend.text() + " " + catalog::to_string(group.key.query) + ":";
        for (const model::Server& slot : group.slots) line += " " + slot.id.server.text();
        lines.push_back(line);
    }
    return lines;
}

Strings show_errors(const std::vector<model::Error>& errors) {
    Strings lines;
    for (const model::Error& error : errors) lines.push_back(to_string(error));
    return lines;
}

const std::vector<model::Server> two_backends{
    server("web", "s1", "web.service.slots.invalid"),
    server("web", "static", ""),
    server("web", "s2", "web.service.slots.invalid"),
    server("api", "s1", "v2.api.service.dc2.slots.invalid"),
    server("api", "other", "api.example.com"),
};

}  // namespace

TEST_SUITE("follow") {
    TEST_CASE("slots are found by their host name, other servers are left alone") {
        const auto following = sync::follow(two_backends, sync::Settings());
        REQUIRE(following.groups.size() == 2);
        CHECK(following.problems.empty());
        CHECK(following.groups[0].key.query.service == "web");
        CHECK(following.groups[0].slots.size() == 2);
        CHECK(following.groups[1].key.query.service == "api");
        CHECK(following.groups[1].key.query.tags == Strings{"v2"});
        CHECK(following.groups[1].key.query.datacenter == "dc2");
        CHECK(following.groups[1].slots.size() == 1);
    }

    TEST_CASE("slots.invalid alone means the backend's own name") {
        const auto following =
            sync::follow({server("shop", "s1", "slots.invalid")}, sync::Settings());
        REQUIRE(following.groups.size() == 1);
        CHECK(following.groups[0].key.query.service == "shop");
    }

    TEST_CASE("slots of one backend that follow different services are groups of their own") {
        const auto following = sync::follow({server("web", "s1", "a.service.slots.invalid"),
                                             server("web", "t1", "b.service.slots.invalid"),
                                             server("web", "s2", "a.service.slots.invalid")},
                                            sync::Settings());
        CHECK(show_following(following) == Strings{"web a: s1 s2", "web b: t1"});
    }

    TEST_CASE("a backend that is disabled is left alone, and no other is asked for in its place") {
        std::vector<model::Server> servers = two_backends;
        for (model::Server& one : servers) one.backend_disabled = one.id.backend.text() == "web";
        sync::Settings settings;
        settings.only = {"web", "api"};
        sync::KnownHosts known;
        sync::follow(two_backends, settings, known);
        const auto following = sync::follow(servers, settings, known);
        CHECK(show_following(following) == Strings{"api api (tag v2, datacenter dc2): s1"});
        CHECK(show_errors(following.problems) ==
              Strings{"web/s1 and 1 more slot: its backend is `disabled` in HAProxy's "
                      "configuration: HAProxy takes no change to its servers (it is followed once "
                      "`disabled` is taken out and HAProxy reloaded)"});
        CHECK(sync::missing_backends(following, settings).empty());
    }

    TEST_CASE("the configuration beats the slot's name, and its tags add to the slot's") {
        sync::Settings settings;
        settings.backends["api"].service = "other";
        settings.backends["api"].tags = {"prod"};
        settings.backends["api"].filter = "Service.Port == 80";
        settings.backends["api"].datacenter = "dc9";
        const auto following = sync::follow(two_backends, settings);
        REQUIRE(following.groups.size() == 2);
        const catalog::Query& query = following.groups[1].key.query;
        CHECK(query.service == "other");
        CHECK(query.tags == Strings{"prod", "v2"});
        CHECK(query.filter == "Service.Port == 80");
        CHECK(query.datacenter == "dc9");
    }

    TEST_CASE("a glob hands over servers whose lines name no service, and no others") {
        sync::Settings settings;
        settings.backends["web"].slots = "st*";
        settings.backends["web"].service = "elsewhere";
        const auto following = sync::follow(two_backends, settings);
        CHECK(show_following(following).front() == "web elsewhere: s1 static s2");
        CHECK(following.groups[1].slots.size() == 1);
    }

    TEST_CASE("a host name that is no slot's hands over none but those of the glob") {
        sync::Settings settings;
        settings.backends["web"].slots = "st*";
        const auto following = sync::follow({server("web", "st1", "web.example.com"),
                                             server("web", "other", "web.example.com"),
                                             server("web", "st2", "web.example.com")},
                                            settings);
        CHECK(show_following(following) == Strings{"web web: st1 st2"});
    }

    TEST_CASE("the same host name in another backend is another group") {
        const auto following = sync::follow({server("web", "s1", "a.service.slots.invalid"),
                                             server("api", "s1", "a.service.slots.invalid")},
                                            sync::Settings());
        CHECK(show_following(following) == Strings{"web a: s1", "api a: s1"});
    }

    TEST_CASE("what is known of a backend's host name serves that name alone") {
        const auto server_of = [](const std::string& name, const std::string& host) {
            return std::vector<model::Server>{server("web", name, host),
                                              server("api", name, host)};
        };
        sync::Settings settings;
        sync::KnownHosts known;
        const auto look = [&](const std::string& host) {
            return show_following(sync::follow(server_of("s1", host), settings, known));
        };
        CHECK(look("a.service.slots.invalid") == Strings{"web a: s1", "api a: s1"});
        CHECK(look("b.service.slots.invalid") == Strings{"web b: s1", "api b: s1"});
        CHECK(look("slots.invalid") == Strings{"web web: s1", "api api: s1"});
        CHECK(look("www.example.com").empty());
        CHECK(look("a.service.slots.invalid") == Strings{"web a: s1", "api a: s1"});
        settings.backends["web"].service = "other";
        CHECK(look("a.service.slots.invalid") == Strings{"web a: s1", "api a: s1"});
        known.clear();
        CHECK(look("a.service.slots.invalid") == Strings{"web other: s1", "api a: s1"});
    }

    TEST_CASE("slots that name two services by turns go each to its own, known or not") {
        const std::vector<model::Server> mixed{server("web", "s1", "a.service.slots.invalid"),
                                               server("web", "s2", "b.service.slots.invalid"),
                                               server("web", "s3", "a.service.slots.invalid"),
                                               server("web", "s4", "b.service.slots.invalid")};
        sync::KnownHosts known;
        for (int i = 0; i < 3; ++i)
            CHECK(show_following(sync::follow(mixed, sync::Settings(), known)) ==
                  Strings{"web a: s1 s3", "web b: s2 s4"});
    }

    TEST_CASE("the work can be limited to some backends") {
        sync::Settings settings;
        settings.only = {"api"};
        const auto following = sync::follow(two_backends, settings);
        REQUIRE(following.groups.size() == 1);
        CHECK(following.groups[0].key.backend.text() == "api");
    }

    TEST_CASE("a slot whose name can't be followed is a problem, the others go on") {
        const auto following = sync::follow(
            {server("web", "s1", "web.slots.invalid"), server("web", "k1", "List.kv.slots.invalid"),
             server("web", "s2", "web.service.slots.invalid")},
            sync::Settings());
        CHECK(show_following(following) == Strings{"web web: s2"});
        CHECK(show_errors(following.problems) ==
              Strings{"web/s1: the host name web.slots.invalid has neither .service nor .kv before "
                      ".slots.invalid (write [TAG.]SERVICE.service[.DATACENTER].slots.invalid, "
                      "NAME.kv.slots.invalid or slots.invalid)",
                      "web/k1: [kv] of the configuration has no List (add List = \"KEY\" there)"});
    }

    TEST_CASE("slots that name a KV list follow the key that [kv] has for it") {
        sync::Settings settings;
        settings.kv = {{"List", "lb/web"}, {"list", "lb/other"}};
        settings.backends["api"].datacenter = "dc2";
        const auto following = sync::follow({server("web", "s1", "List.kv.slots.invalid"),
                                             server("web", "s2", "list.KV.slots.invalid."),
                                             server("api", "s1", "List.kv.slots.invalid")},
                                            settings);
        CHECK(following.problems.empty());
        CHECK(show_following(following) ==
              Strings{"web lb/web: s1", "web lb/other: s2", "api lb/web (datacenter dc2): s1"});
        CHECK(following.groups[0].key.query.is_of_key());
    }

    TEST_CASE("kv of a backend beats what its slots name, as service does") {
        sync::Settings settings;
        settings.kv = {{"List", "lb/web"}};
        settings.backends["web"].kv = "lb/own";
        settings.backends["web"].slots = "st*";
        settings.backends["api"].service = "api";
        const auto following =
            sync::follow({server("web", "s1", "web.service.slots.invalid"),
                          server("web", "static", ""), server("web", "s2", "List.kv.slots.invalid"),
                          server("api", "s1", "List.kv.slots.invalid")},
                         settings);
        CHECK(show_following(following) == Strings{"web lb/own: s1 static s2", "api api: s1"});
    }

    TEST_CASE("what chooses among instances can't choose among a key's servers") {
        sync::Settings settings;
        settings.kv = {{"List", "lb/web"}};
        settings.defaults.tags = {"prod"};
        const auto following =
            sync::follow({server("web", "s1", "List.kv.slots.invalid")}, settings);
        CHECK(following.groups.empty());
        CHECK(show_errors(following.problems) ==
              Strings{"web/s1: tags and filter can't choose from the servers of the key lb/web "
                      "(leave them out of [backend.web]; where they are of [defaults], write them "
                      "empty there)"});
    }

    TEST_CASE("the same fault of many slots of a backend is one problem with their number") {
        std::vector<model::Server> servers;
        for (int i = 1; i <= 20; ++i)
            servers.push_back(server("web", "s" + std::to_string(i), "web.slots.invalid"));
        servers.push_back(server("web", "t1", ".service.slots.invalid"));
        servers.push_back(server("web", "t2", ".service.slots.invalid"));
        servers.push_back(server("api", "s1", "web.slots.invalid"));
        servers.push_back(server("api", "k1", "List.kv.slots.invalid"));
        servers.push_back(server("api", "k2", "List.kv.slots.invalid"));
        const Strings said = show_errors(sync::follow(servers, sync::Settings()).problems);
        REQUIRE(said.size() == 4);
        CHECK(said[0].starts_with("web/s1 and 19 more slots: the host name web.slots.invalid has"));
        CHECK(said[1].starts_with("web/t1 and 1 more slot: "));
        CHECK(said[2].starts_with("api/s1: the host name web.slots.invalid has"));
        CHECK(said[3].starts_with("api/k1 and 1 more slot: [kv] of the configuration has no List"));
    }

    TEST_CASE("a service that can't be asked for is said with its slot") {
        sync::Settings settings;
        settings.defaults.service = "..";
        const auto following = sync::follow(
            {server("web", "s1", "slots.invalid"), server("web", "s2", "slots.invalid")}, settings);
        CHECK(
            show_errors(following.problems) ==
            Strings{"web/s1 and 1 more slot: \"..\" is no name Consul can be asked for (write the "
                    "service's name as Consul lists it)"});
    }

    TEST_CASE("a backend that was asked for and has no slots is said") {
        sync::Settings settings;
        settings.backends["shop"];
        settings.only = {"web", "shop"};
        CHECK(
            show_errors(sync::missing_backends(sync::follow(two_backends, settings), settings)) ==
            Strings{"backend shop: HAProxy has no backend of this name with slots (add slot lines "
                    "to it (`slotd slots shop 10` prints them), or hand over its servers with "
                    "slots = \"*\" in [backend.shop])"});
    }
}
