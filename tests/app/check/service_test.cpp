// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "support/finding_lines.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using catalog::Readable;
using slotd::testing::lines;
using Lines = std::vector<std::string>;

namespace {

model::Instance instance_of(const std::string& id, model::Health health = model::Health::passing) {
    model::Instance made(
        model::InstanceId("n1", id),
        model::AddressPort(*model::Address::parse("10.0.0.1"), *model::Port::from(80)));
    made.health = health;
    return made;
}

app::ServiceFacts service_facts(std::vector<model::Instance> list = {}) {
    catalog::Query query;
    query.service = "web";
    model::Instances instances;
    instances.list = std::move(list);
    app::ServiceFacts made(query, std::move(instances));
    made.readable = Readable::yes;
    made.every_node = Readable::yes;
    return made;
}

const std::string not_every_node =
    "warning  service web: the token may not read every node: instances on the others are never "
    "shown (give it `node_prefix \"\" { policy = \"read\" }`)";

}  // namespace

TEST_SUITE("check: service") {
    TEST_CASE("instances are counted, with those that may serve") {
        CHECK(lines(app::on_service(service_facts({instance_of("a")}))) ==
              Lines{"ok       service web: 1 instance"});
        model::Instance resting = instance_of("d");
        resting.maintenance = true;
        CHECK(lines(app::on_service(
                  service_facts({instance_of("a"), instance_of("b", model::Health::warning),
                                 instance_of("c", model::Health::critical), resting}))) ==
              Lines{"ok       service web: 4 instances, 2 may serve"});
        CHECK(lines(app::on_service(service_facts({instance_of("c", model::Health::critical)}))) ==
              Lines{"warning  service web: 1 instance, and none may serve: critical, or in "
                    "maintenance (Consul's checks say why)"});
    }

    TEST_CASE("a service that Consul does not know is told from a tag that nobody has") {
        CHECK(lines(app::on_service(service_facts())) ==
              Lines{"warning  service web: Consul knows no instance of it (is the name right, and "
                    "is an instance registered? slotd leaves its slots as they are)"});
        app::ServiceFacts tagged = service_facts();
        tagged.query.tags = {"prod"};
        tagged.unfiltered = 3;
        CHECK(lines(app::on_service(tagged)) ==
              Lines{"warning  service web (tag prod): Consul knows 3 instances, and none has the "
                    "tags or passes the filter (mend the tag in the slots' host name, or `tags` "
                    "and `filter`)"});
    }

    TEST_CASE("what the token may not read is said") {
        app::ServiceFacts hidden = service_facts();
        hidden.readable = Readable::no;
        hidden.every_node.reset();
        CHECK(lines(app::on_service(hidden)) ==
              Lines{"failure  service web: the token may not read it (the token needs service:read "
                    "and node:read)"});
        app::ServiceFacts some = service_facts({instance_of("a")});
        some.every_node = Readable::no;
        CHECK(lines(app::on_service(some)) ==
              Lines{"ok       service web: 1 instance", not_every_node});
        app::ServiceFacts none = service_facts();
        none.every_node = Readable::no;
        none.any_node = true;
        CHECK(lines(app::on_service(none)).back() == not_every_node);
        none.any_node = false;
        CHECK(lines(app::on_service(none)) ==
              Lines{"failure  service web: Consul shows no instance to a token that may read no "
                    "node (the token needs service:read and node:read)"});
    }

    TEST_CASE("a Consul that can't say what a token may read is no fault") {
        app::ServiceFacts silent = service_facts({instance_of("a")});
        silent.readable = Readable::cannot_tell;
        silent.every_node = Readable::cannot_tell;
        CHECK(lines(app::on_service(silent)) ==
              Lines{"ok       service web: 1 instance; Consul can't say whether the token may read "
                    "all of them"});
        silent.readable.reset();
        silent.every_node.reset();
        CHECK(lines(app::on_service(silent)) == Lines{"ok       service web: 1 instance"});
    }

    TEST_CASE("an answer that can't be trusted is a failure") {
        app::ServiceFacts bad = service_facts();
        bad.answer = model::Unknown(model::Doubt::consul_error, "Consul answers 500: x");
        CHECK(lines(app::on_service(bad)) == Lines{"failure  service web: Consul answers 500: x"});
    }

    TEST_CASE("a key is not a service, and is read by another right") {
        app::ServiceFacts key = service_facts({instance_of("a")});
        key.query = catalog::Query();
        key.query.key = "lb/web";
        key.every_node.reset();
        CHECK(lines(app::on_service(key)) == Lines{"ok       key lb/web: 1 instance"});
        std::get<model::Instances>(key.answer).list[0].maintenance = true;
        CHECK(lines(app::on_service(key)) ==
              Lines{"warning  key lb/web: 1 instance, and none may serve: all are `disabled` "
                    "(take that word out of the lines that shall serve)"});
        std::get<model::Instances>(key.answer).list.clear();
        CHECK(
            lines(app::on_service(key)) ==
            Lines{"warning  key lb/web: it lists no server (slotd leaves its slots as they are)"});
        key.readable = Readable::no;
        CHECK(lines(app::on_service(key)) ==
              Lines{"failure  key lb/web: the token may not read it (the token needs key:read)"});
    }

    TEST_CASE("an instance that can't be served is named") {
        app::ServiceFacts refused = service_facts();
        std::get<model::Instances>(refused.answer)
            .refused.emplace_back(model::InstanceId("n1", "a"), "port 0 is not right");
        CHECK(lines(app::on_service(refused)) ==
              Lines{"warning  service web: a on n1 can't be served: port 0 is not right"});
    }
}
