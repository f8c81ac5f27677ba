// SPDX-License-Identifier: MIT
#include "slotd/sync/remark.hpp"

#include "support/daemon.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace slotd;
using namespace slotd::testing;

namespace {

/// With two slots, and a on the first.
struct Remarked : Daemon {
    Remarked() {
        haproxy.add_slots("web", 2, "web.service.slots.invalid");
        list({a});
        start();
        wait_log("info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot");
    }
};

}  // namespace

TEST_SUITE("remarks") {
    TEST_CASE("instances that can't be served are said once") {
        Remarked daemon;
        model::Instances listed = instances({a, "twin 10.0.0.1:80", "c 10.0.0.3:80 weight 999"});
        listed.refused.emplace_back(model::InstanceId("n1", "bad"),
                                    "port 0 is not between 1 and "
                                    "65535");
        daemon.consul->set("web", listed);
        daemon.wait_log("info  web/s2 ready at 10.0.0.3:80, weight 256: c on n1 takes a free slot");
        daemon.wait_reads(3);
        const Lines said{
            "warn  web: bad on n1 can't be served: port 0 is not between 1 and 65535",
            "warn  web: twin on n1 needs no slot of its own: its address 10.0.0.1:80 is "
            "also that of a on n1",
            "warn  web: c on n1 is served with another weight: weight 999 is beyond "
            "HAProxy's 256"};
        CHECK(daemon.lines_of("warn") == said);

        listed.list.front().weight_passing = 7;
        daemon.consul->set("web", listed);
        daemon.wait_log("info  web/s1 weight 7 at 10.0.0.1:80: a on n1 has weight 7, its slot 1");
        CHECK(daemon.lines_of("warn") == said);
    }

    TEST_CASE("of a list in which nothing can be served each instance is named, once") {
        Remarked daemon;
        model::Instances listed;
        listed.refused.emplace_back(model::InstanceId("n1", "one"),
                                    "port 0 is not between 1 and 65535");
        listed.refused.emplace_back(model::InstanceId("n1", "two"), "it has no address");
        daemon.consul->set("web", listed);
        const Lines said{
            "warn  web: one on n1 can't be served: port 0 is not between 1 and 65535",
            "warn  web: two on n1 can't be served: it has no address",
            "warn  web: held, what is live stays (empty): none of the instances that Consul lists "
            "can be served; they need mending (on_empty = \"apply\" would empty the backend)"};
        daemon.wait_log(said.back());
        CHECK(daemon.lines_of("warn") == said);
        std::swap(listed.refused[0], listed.refused[1]);
        daemon.consul->set("web", listed);
        daemon.consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        daemon.wait_log("warn  web: held, what is live stays (consul-unreachable): refused");
        listed.refused.emplace_back(model::InstanceId("n1", "three"), "it has no address");
        daemon.consul->set("web", listed);
        daemon.wait_log("warn  web: three on n1 can't be served: it has no address");
        daemon.wait_reads(3);
        const Lines lines = daemon.lines_of("warn");
        for (const std::string& one : {said[0], said[1]})
            CHECK(std::count(lines.begin(), lines.end(), one) == 1);
    }
}
