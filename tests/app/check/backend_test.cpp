// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "support/finding_lines.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using slotd::testing::lines;
using Lines = std::vector<std::string>;

namespace {

/// As `server-template s 1-COUNT web.service.slots.invalid:1 check disabled ...` makes them.
std::vector<model::Server> web_slots(unsigned count) {
    std::vector<model::Server> made;
    for (unsigned i = 1; i <= count; ++i) {
        model::Server& slot = made.emplace_back(model::SlotId(
            *model::BackendName::parse("web"), *model::ServerName::parse("s" + std::to_string(i))));
        slot.has_check = true;
        slot.line_disabled = true;
        slot.host_name = "web.service.slots.invalid";
    }
    return made;
}

app::BackendFacts web_facts(unsigned count = 2) {
    app::BackendFacts made("web");
    made.slots = web_slots(count);
    made.algorithm = "roundrobin";
    return made;
}

haproxy::ProxySection web_section(const std::string& lines) {
    return haproxy::parse_config_files({{"/h.cfg", "backend web\n" + lines}}).proxies.front();
}

Lines backend_found(const app::BackendFacts& facts) {
    return lines(app::on_backend(facts));
}

}  // namespace

TEST_SUITE("check: backend") {
    TEST_CASE("slots that are as they should be have nothing said of them") {
        CHECK(backend_found(web_facts()).empty());
    }

    TEST_CASE("what slots follow is said, and when there are too few") {
        app::BackendFacts web = web_facts(5);
        const auto follow = [&web](const char* follows, std::size_t count,
                                   std::optional<std::size_t> instances) {
            app::FollowFacts& one = web.follows.emplace_back();
            one.follows = follows;
            one.slots = count;
            one.instances = instances;
        };
        follow("the service web", 2, 2);
        follow("the service api", 1, 3);
        follow("the service old", 2, std::nullopt);
        CHECK(backend_found(web) ==
              Lines{"ok       backend web: 2 slots follow the service web: 2 instances",
                    "warning  backend web: 1 slot follows the service api, which has 3 instances: "
                    "2 can't be served (make more slots: raise the range of the server-template "
                    "line)",
                    "ok       backend web: 2 slots follow the service old"});
    }

    TEST_CASE("a slot that takes no address, or loses it, is named") {
        app::BackendFacts web = web_facts();
        web.slots[0].lacks_address = true;
        web.slots[1].host_name.clear();
        CHECK(backend_found(web) ==
              Lines{"failure  backend web: the slot s1 can't be given an address: its line has "
                    "`none` in `init-addr` (write `init-addr last,127.0.0.1`)",
                    "warning  backend web: the slot s2 loses its address over a reload, with a "
                    "state file too: its line holds an address instead of a name (`slotd slots "
                    "SERVICE COUNT` prints a line that keeps it)"});
    }

    TEST_CASE("a line that lacks `disabled` or `check` is told, and many are shortened") {
        app::BackendFacts web = web_facts(20);
        for (model::Server& slot : web.slots) slot.line_disabled = false;
        web.slots[4].has_check = false;
        web.slots[5].has_check = false;
        CHECK(backend_found(web) ==
              Lines{"warning  backend web: the slots s1, s2, s3 and 17 more take requests after a "
                    "start of HAProxy, before slotd has filled them: their lines lack `disabled` "
                    "(add `disabled`)",
                    "warning  backend web: HAProxy does not check what is in the slots s5 and s6: "
                    "their lines lack `check` (add `check`, if Consul's checks are not enough)"});
    }

    TEST_CASE("a gate without `check` does nothing") {
        app::BackendFacts web = web_facts();
        web.gate = true;
        CHECK(backend_found(web).empty());
        web.slots[0].has_check = false;
        CHECK(backend_found(web) ==
              Lines{"warning  backend web: `gate` does nothing for the slot s1: its line lacks "
                    "`check` (add `check`, with `fall` 2 or more)"});
    }

    TEST_CASE("a cookie of the slot's is told, one of the address's is not") {
        app::BackendFacts web = web_facts(3);
        web.cookies = {{"s1", "c1"}, {"s2", "af66a56daef18e13"}, {"other", "c9"}};
        CHECK(backend_found(web) ==
              Lines{"warning  backend web: the slot s1 has a `cookie`: clients stay with the slot, "
                    "whichever instance takes it next (with `cookie NAME insert dynamic` and a "
                    "`dynamic-cookie-key` they stay with the instance)"});
    }

    TEST_CASE("an algorithm that refuses weights is told, by haproxy.cfg where it takes that") {
        app::BackendFacts web = web_facts();
        const auto with = [&web](const char* algorithm) {
            web.algorithm = algorithm;
            return backend_found(web);
        };
        const std::string refuses =
            "` takes no weights but 0 and that of the slot's line: every instance is served with "
            "the latter (`";
        for (const char* good : {"roundrobin", "leastconn", "first", "unknown", "random", ""})
            CHECK(with(good).empty());
        CHECK(with("static-rr") == Lines{"warning  backend web: `balance static-rr" + refuses +
                                         "balance roundrobin` takes them)"});
        for (const char* hash : {"source", "uri", "url_param", "hdr", "rdp-cookie", "hash"})
            CHECK(with(hash) ==
                  Lines{"ok       backend web: whether `balance " + std::string(hash) +
                        "` takes weights can't be told: with `hash-type consistent` "
                        "it does"});
        for (const char* lines : {"", "hash-type map-based\n"}) {
            web.section = web_section(lines);
            CHECK(with("source") == Lines{"warning  backend web: `balance source" + refuses +
                                          "hash-type consistent` takes them)"});
        }
        web.section = web_section("hash-type consistent\n");
        CHECK(with("source").empty());
    }

    TEST_CASE("an init-addr without `last` is told by its line") {
        app::BackendFacts web = web_facts();
        web.section = web_section(
            "server-template s 1-2 slots.invalid:1 init-addr 127.0.0.1\n"
            "server other 10.0.0.1:80 init-addr none\n");
        CHECK(backend_found(web) ==
              Lines{"warning  backend web: /h.cfg:2: these slots would lose their address over a "
                    "reload with a state file: `init-addr` lacks `last` (write `init-addr "
                    "last,127.0.0.1`)"});
        web.loads_state = true;
        CHECK(backend_found(web) ==
              Lines{"failure  backend web: /h.cfg:2: after a reload these slots are ready at the "
                    "address of `init-addr`, not at that of the state file (write `init-addr "
                    "last,127.0.0.1`)"});
        web.section =
            web_section("server-template s 1-2 slots.invalid:1 init-addr last,127.0.0.1\n");
        CHECK(backend_found(web).empty());
        web.section = web_section("server-template s 1-2 slots.invalid:1 init-addr none\n");
        for (model::Server& slot : web.slots) slot.lacks_address = true;
        CHECK(backend_found(web).size() == 1);
    }

    TEST_CASE("words that take the slots out of slotd's hands are told") {
        app::BackendFacts web = web_facts();
        web.section =
            web_section("server-template s 1-2 slots.invalid:1 resolvers dns track b/s1\n");
        CHECK(backend_found(web) ==
              Lines{"failure  backend web: /h.cfg:2: HAProxy's `resolvers` set the address of "
                    "these slots (take `resolvers` out of the line)",
                    "warning  backend web: /h.cfg:2: these slots follow another server's state by "
                    "`track` (take `track` out of the line)"});
    }
}
