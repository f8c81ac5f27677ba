// SPDX-License-Identifier: MIT
#include "slotd/sync/subscriptions.hpp"

#include "support/answers.hpp"
#include "support/fake_consul.hpp"
#include "support/fake_source.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace slotd;
using namespace slotd::testing;

namespace {

/// One service, and how often it was heard of.
struct Followed {
    asio::io_context io;
    std::shared_ptr<FakeConsul> consul = std::make_shared<FakeConsul>(io.get_executor());
    sync::Subscriptions subscriptions{io.get_executor(), consul, [] { return 0.0; }};
    int changes = 0;
    int announced = 0;
    std::unique_ptr<sync::Subscriptions::Subscription> web;

    Followed() {
        consul->set("web", instances({"a 10.0.0.1:80"}));
        web = subscriptions.subscribe(
            query("web"), [this] { ++changes; }, [this] { ++announced; });
    }

    static catalog::Query query(const std::string& service) {
        catalog::Query query;
        query.service = service;
        return query;
    }
};

}  // namespace

TEST_SUITE("subscriptions") {
    TEST_CASE("an answer is announced before it is told, and so is one that confirms it") {
        Followed followed;
        run_until(followed.io, [&] { return followed.changes == 1; });
        CHECK(followed.announced == 1);
        followed.web->confirm();
        run_until(followed.io, [&] { return followed.changes == 2; });
        CHECK(followed.announced == 2);
        CHECK(followed.web->confirmed() == followed.web->latest());
    }

    TEST_CASE("what comes for another query, or from a Consul of before, announces nothing") {
        Followed followed;
        int others = 0;
        const auto api = followed.subscriptions.subscribe(
            Followed::query("api"), [&] { ++others; }, [] {});
        followed.consul->set("api", instances({"b 10.0.0.2:80"}));
        run_until(followed.io, [&] { return others == 1 && followed.changes == 1; });
        CHECK(followed.announced == 1);

        const auto second = std::make_shared<FakeConsul>(followed.io.get_executor());
        second->set("web", instances({"c 10.0.0.3:80"}));
        followed.subscriptions.use(second, true);
        run_until(followed.io, [&] { return followed.changes == 2; });
        CHECK(followed.announced == 2);
        followed.consul->set("web", instances({"d 10.0.0.4:80"}));
        run_for(followed.io, std::chrono::milliseconds(20));
        CHECK(followed.announced == 2);
        CHECK(followed.changes == 2);
    }

    TEST_CASE("what another Consul lacks is gone only where its token may read it") {
        Followed followed;
        followed.consul->set("web", instances({"a 10.0.0.1:80", "b 10.0.0.2:80"}));
        run_until(followed.io, [&] { return followed.changes == 1; });
        const auto second = std::make_shared<FakeConsul>(followed.io.get_executor());
        second->set("web", instances({"a 10.0.0.1:80"}));
        second->readable = catalog::Readable::no;
        followed.subscriptions.use(second, true);
        run_until(followed.io, [&] { return followed.changes == 2; });
        CHECK(show(*followed.web->latest()).starts_with("acl: the token may not read"));

        // In another catalog it was never.
        const auto other = std::make_shared<FakeConsul>(followed.io.get_executor());
        other->set("web", instances({"c 10.0.0.3:80"}));
        other->readable = catalog::Readable::no;
        followed.subscriptions.use(other, false);
        run_until(followed.io, [&] { return followed.changes == 3; });
        CHECK(std::holds_alternative<model::Instances>(*followed.web->latest()));

        const auto third = std::make_shared<FakeConsul>(followed.io.get_executor());
        third->set("web", instances({"a 10.0.0.1:80"}));
        followed.subscriptions.use(third, true);
        run_until(followed.io, [&] { return followed.changes == 4; });
        CHECK(*followed.web->latest() == model::Answer(instances({"a 10.0.0.1:80"})));
    }

    TEST_CASE("the word of a Consul that was just replaced confirms nothing") {
        asio::io_context io;
        const auto before = std::make_shared<FakeSource>(io.get_executor());
        before->no_acls = true;
        sync::Subscriptions subscriptions(io.get_executor(), before, [] { return 0.0; });
        int changes = 0;
        const auto web = subscriptions.subscribe(Followed::query("web"), [&changes] { ++changes; });
        catalog::Heard heard(instances({"a 10.0.0.1:80"}));
        heard.index = 1;
        before->say(heard);
        run_until(io, [&] { return changes == 1 && before->asked.size() == 2; });
        web->confirm();
        run_until(io, [&] { return before->asked.size() == 3; });
        // One for the watch and one for the confirmation, both on their way as it is replaced.
        before->say(heard);
        before->say(heard);
        subscriptions.use(std::make_shared<FakeSource>(io.get_executor()), true);
        run_for(io, std::chrono::milliseconds(20));
        CHECK(web->confirmed() == nullptr);
        CHECK(changes == 1);
    }
}
