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

catalog::Agent consul_agent() {
    catalog::Agent one;
    one.leader = "10.0.0.1:8300";
    one.version = "1.8.7";
    one.datacenter = "dc1";
    one.most_connections = 200;
    return one;
}

app::ConsulFacts consul_facts(catalog::Agent of,
                              const std::string& address = "http://127.0.0.1:8500") {
    return app::ConsulFacts(address, std::move(of));
}

const std::string consul_ok =
    "ok       consul http://10.0.0.1:8500: Consul 1.8.7, without TLS, datacenter dc1, leader "
    "10.0.0.1:8300";

}  // namespace

TEST_SUITE("check: Consul") {
    TEST_CASE("one that is well says its version, datacenter and leader") {
        CHECK(lines(app::on_consul(consul_facts(consul_agent()))) ==
              Lines{"ok       consul http://127.0.0.1:8500: Consul 1.8.7, datacenter dc1, leader "
                    "10.0.0.1:8300"});
    }

    TEST_CASE("one that can't be reached says why") {
        const app::ConsulFacts none("http://127.0.0.1:1",
                                    model::Error(model::ErrorKind::unreachable, "can't connect",
                                                 "http://127.0.0.1:1", "is Consul running?"));
        CHECK(lines(app::on_consul(none)) ==
              Lines{"failure  consul http://127.0.0.1:1: can't connect (is Consul running?)"});
        const app::ConsulFacts silent(
            "http://127.0.0.1:1", model::Error(model::ErrorKind::timeout, "no answer within 9 ms"));
        CHECK(
            lines(app::on_consul(silent)) ==
            Lines{"failure  consul http://127.0.0.1:1: no answer within 9 ms (the agent may hang, "
                  "or be overloaded: does its log say why?)"});
    }

    TEST_CASE("without a leader nothing works") {
        catalog::Agent lost = consul_agent();
        lost.leader.clear();
        CHECK(lines(app::on_consul(consul_facts(lost))) ==
              Lines{"failure  consul http://127.0.0.1:8500: Consul 1.8.7, datacenter dc1; it knows "
                    "no leader (its servers need to reach each other and elect one; until then "
                    "slotd holds every backend)"});
    }

    TEST_CASE("a token without agent:read is no fault, one that Consul does not know is") {
        catalog::Agent silent;
        silent.leader = "10.0.0.1:8300";
        silent.refusal = "Permission denied";
        CHECK(lines(app::on_consul(consul_facts(silent))) ==
              Lines{"ok       consul http://127.0.0.1:8500: answers; its version takes "
                    "agent:read (Permission denied), leader 10.0.0.1:8300"});
        silent.refusal = "ACL not found";
        CHECK(lines(app::on_consul(consul_facts(silent))) ==
              Lines{"failure  consul http://127.0.0.1:8500: Consul does not know the token: ACL "
                    "not found (it was deleted, or is of another Consul; give a valid one by "
                    "token_file or CONSUL_HTTP_TOKEN_FILE)"});
    }

    TEST_CASE("a token needs TLS, but not on the way to this machine") {
        app::ConsulFacts remote = consul_facts(consul_agent(), "http://10.0.0.1:8500");
        CHECK(lines(app::on_consul(remote)) == Lines{consul_ok});
        remote.has_token = true;
        CHECK(lines(app::on_consul(remote)) ==
              Lines{consul_ok,
                    "warning  consul http://10.0.0.1:8500: the token crosses the network as plain "
                    "text (use https://)"});
        for (const char* address : {"https://10.0.0.1:8500", "http://127.0.0.1:8500",
                                    "http://localhost:8500", "http://[::1]:8500", "unix:///c"}) {
            app::ConsulFacts safe = consul_facts(consul_agent(), address);
            safe.has_token = true;
            CHECK(app::on_consul(safe).size() == 1);
        }
    }

    TEST_CASE("TLS is told, and that it is not verified") {
        app::ConsulFacts safe = consul_facts(consul_agent(), "https://10.0.0.1:8501");
        CHECK(
            lines(app::on_consul(safe)) ==
            Lines{"ok       consul https://10.0.0.1:8501: Consul 1.8.7, over TLS, datacenter dc1, "
                  "leader 10.0.0.1:8300"});
        safe.verifies = false;
        CHECK(lines(app::on_consul(safe)) ==
              Lines{"ok       consul https://10.0.0.1:8501: Consul 1.8.7, over TLS without "
                    "verification, datacenter dc1, leader 10.0.0.1:8300"});
    }

    TEST_CASE("more lists than the agent grants connections are too many, without HTTP/2") {
        app::ConsulFacts many = consul_facts(consul_agent(), "http://10.0.0.1:8500");
        many.followed = 180;
        CHECK(lines(app::on_consul(many)) == Lines{consul_ok});
        many.followed = 181;
        CHECK(lines(app::on_consul(many)) ==
              Lines{consul_ok,
                    "warning  consul http://10.0.0.1:8500: it grants a client 200 connections, and "
                    "slotd holds one for each of 181 lists (raise limits.http_max_conns_per_client "
                    "of the agent, or use https://, where one connection carries 250)"});
        many.address = "https://10.0.0.1:8501";
        CHECK(app::on_consul(many).size() == 1);
    }
}
