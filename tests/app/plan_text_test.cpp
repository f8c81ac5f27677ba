// SPDX-License-Identifier: MIT
#include "slotd/app/plan_text.hpp"

#include "support/notation.hpp"
#include "support/steps.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

sync::Surveyed surveyed(const char* backend, catalog::Query query,
                        const std::vector<std::string>& slots_there) {
    sync::Surveyed group(sync::GroupKey(*model::BackendName::parse(backend), std::move(query)),
                         model::Instances());
    group.slots = slots(slots_there);
    return group;
}

catalog::Query of_service(const char* service) {
    catalog::Query query;
    query.service = service;
    return query;
}

/// A newcomer in both phases, a change of weight, and one more instance than slots.
sync::Surveyed full_group() {
    catalog::Query query = of_service("web");
    query.tags = {"prod"};
    query.filter = "Service.Meta.zone == \"a\"";
    sync::Surveyed group = surveyed("web", query, {"s1 ready 10.0.0.1:80", "s2 maint -"});
    const model::Reason fill(model::Why::fill, "b on n1", "b on n1 takes a free slot");
    const model::Reason weight(model::Why::weight, "a on n1", "a on n1 has weight 5, its slot 1");
    group.plan.addresses = {model::Step(step("s2 addr 10.0.0.2:80").command, fill)};
    group.plan.changes = {model::Step(step("s1 weight 5").command, weight),
                          model::Step(step("s2 ready").command, fill)};
    group.plan.waiting = {model::InstanceId("n1", "c"), model::InstanceId("n2", "d")};
    group.remarks = {sync::Remark("e on n1", "e on n1 can't be served: port 0")};
    return group;
}

sync::Surveyed held_group() {
    sync::Surveyed group = surveyed("api", of_service("api"), {"s1 ready 10.0.1.1:80"});
    group.held = model::Unknown(model::Doubt::no_leader, "Consul has no leader");
    return group;
}

sync::Surveyed paused_group() {
    catalog::Query query;
    query.key = "lb/list";
    query.datacenter = "dc2";
    sync::Surveyed group = surveyed("list", query, {"s1 ready 10.0.2.1:80"});
    group.paused = true;
    group.would = {"set server list/s1 state drain"};
    return group;
}

app::Planned planned(std::vector<sync::Surveyed> groups) {
    sync::Survey survey;
    survey.process.version = "3.0.11";
    survey.process.pid = 4711;
    survey.groups = std::move(groups);
    return app::Planned("/run/a.sock", std::move(survey));
}

app::Planned all_of_it() {
    app::Planned made = planned({full_group(), held_group(), paused_group()});
    made.survey.problems = {model::Error(model::ErrorKind::config, "no such backend", "none")};
    return made;
}

}  // namespace

TEST_SUITE("app/plan_text") {
    TEST_CASE("the text has the backends, then one phase after the other with its reasons") {
        CHECK(app::plan_text(all_of_it()) ==
              R"(# HAProxy 3.0.11, pid 4711, on /run/a.sock
# none: no such backend
# web: 2 slots of the service web (tag prod, filter Service.Meta.zone == "a")
# web: e on n1 can't be served: port 0
# web: 2 instances without a slot: c on n1, d on n2
# api: 1 slot of the service api
# api: held, what is live stays (no-leader): Consul has no leader
# list: 1 slot of the key lb/list (datacenter dc2)
# list: paused; else would be sent:
#     set server list/s1 state drain
#
# First the addresses (1 command); HAProxy has to show them before the rest is sent.
# b on n1 takes a free slot
set server web/s2 addr 10.0.0.2 port 80
#
# Then the changes (2 commands).
# a on n1 has weight 5, its slot 1
set server web/s1 weight 5
# b on n1 takes a free slot
set server web/s2 state ready
)");
    }

    TEST_CASE("a text with one phase, or with none") {
        sync::Surveyed group = full_group();
        group.plan.addresses.clear();
        CHECK(app::plan_text(planned({group}))
                  .find("#\n# The changes (2 commands).\n# a on n1 has weight 5") !=
              std::string::npos);
        CHECK(app::plan_text(planned({held_group()})).ends_with("# Nothing to send.\n"));
    }

    TEST_CASE("the commands alone are those of the first phase and then those of the second") {
        CHECK(app::plan_commands(all_of_it()) ==
              "set server web/s2 addr 10.0.0.2 port 80\n"
              "set server web/s1 weight 5\n"
              "set server web/s2 state ready\n");
        CHECK(app::plan_commands(planned({held_group()})).empty());
    }

    TEST_CASE("the document has both phases of each backend, its hold, its pause and who waits") {
        const std::string version = SLOTD_VERSION;
        CHECK(app::plan_json({all_of_it()}) == R"({
  "version": ")" + version + R"(",
  "commands": 3,
  "sockets": [
    {
      "socket": "/run/a.sock",
      "haproxy": {
        "version": "3.0.11",
        "pid": 4711
      },
      "backends": [
        {
          "name": "web",
          "service": "web",
          "kv": "",
          "tags": [
            "prod"
          ],
          "datacenter": "",
          "filter": "Service.Meta.zone == \"a\"",
          "slots": 2,
          "held": null,
          "waiting": [
            "c on n1",
            "d on n2"
          ],
          "remarks": [
            "e on n1 can't be served: port 0"
          ],
          "paused": false,
          "would": [],
          "addresses": [
            {
              "command": "set server web/s2 addr 10.0.0.2 port 80",
              "slot": "s2",
              "instance": "b on n1",
              "why": "fill",
              "reason": "b on n1 takes a free slot"
            }
          ],
          "changes": [
            {
              "command": "set server web/s1 weight 5",
              "slot": "s1",
              "instance": "a on n1",
              "why": "weight",
              "reason": "a on n1 has weight 5, its slot 1"
            },
            {
              "command": "set server web/s2 state ready",
              "slot": "s2",
              "instance": "b on n1",
              "why": "fill",
              "reason": "b on n1 takes a free slot"
            }
          ]
        },
        {
          "name": "api",
          "service": "api",
          "kv": "",
          "tags": [],
          "datacenter": "",
          "filter": "",
          "slots": 1,
          "held": {
            "reason": "no-leader",
            "detail": "Consul has no leader"
          },
          "waiting": [],
          "remarks": [],
          "paused": false,
          "would": [],
          "addresses": [],
          "changes": []
        },
        {
          "name": "list",
          "service": "",
          "kv": "lb/list",
          "tags": [],
          "datacenter": "dc2",
          "filter": "",
          "slots": 1,
          "held": null,
          "waiting": [],
          "remarks": [],
          "paused": true,
          "would": [
            "set server list/s1 state drain"
          ],
          "addresses": [],
          "changes": []
        }
      ],
      "problems": [
        "none: no such backend"
      ]
    }
  ]
}
)");
    }

    TEST_CASE("the document counts the commands of all sockets") {
        const std::string text = app::plan_json({all_of_it(), planned({full_group()})});
        CHECK(text.find("\"commands\": 6,\n") != std::string::npos);
        CHECK(app::plan_json({}).ends_with("\"commands\": 0,\n  \"sockets\": []\n}\n"));
    }
}
