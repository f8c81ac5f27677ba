// SPDX-License-Identifier: MIT
#include "slotd/file/backends.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::file;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

const model::WallTime noon{std::chrono::seconds(1'800'000'000)};

Names names(const ServiceTags& services) {
    Names all;
    for (const auto& [name, tags] : services) all.push_back(name);
    return all;
}

model::Instances with_meta(const std::vector<Meta>& metas) {
    model::Instances instances;
    for (const Meta& meta : metas) {
        instances.list.emplace_back(
            model::InstanceId("n", std::to_string(instances.list.size())),
            model::AddressPort(*model::Address::parse("10.0.0.1"), *model::Port::from(80)));
        instances.list.back().meta.assign(meta.begin(), meta.end());
    }
    return instances;
}

Selection selected(const ServiceTags& services) {
    Selection selection;
    selection.services = services;
    return selection;
}

/// Two backends, of which Consul no longer has `old` since noon.
Backends web_and_old() {
    Backends backends;
    backends["web"].tags = {"prod"};
    backends["old"].gone_since = noon;
    return backends;
}

}  // namespace

TEST_SUITE("backends") {
    TEST_CASE("services are chosen by tag and glob") {
        const ServiceTags services{{"consul", {}},
                                   {"web", {"v2", "HAProxy", "v2"}},
                                   {"web-admin", {"haproxy"}},
                                   {"db", {"primary"}}};
        Settings settings;
        settings.tag.clear();
        CHECK(names(select(services, settings).services) ==
              Names{"consul", "db", "web", "web-admin"});
        settings.tag = "haproxy";
        const Selection tagged = select(services, settings);
        CHECK(names(tagged.services) == Names{"web", "web-admin"});
        CHECK(tagged.services.at("web") == Names{"HAProxy", "v2"});
        settings.services = "web-*";
        CHECK(names(select(services, settings).services) == Names{"web-admin"});
    }

    TEST_CASE(
        "a service whose name could be read as something else gets no backend, and is named") {
        Settings settings;
        settings.tag.clear();
        const Selection selection = select(
            {{"web", {}}, {"a b", {}}, {"x\nbackend y", {}}, {"a.b", {}}, {"", {}}}, settings);
        CHECK(names(selection.services) == Names{"web"});
        REQUIRE(selection.refused.size() == 4);
        CHECK(
            to_string(selection.refused[1]) ==
            "service a b: the service \"a b\" has a character that can't stand in a host name (it "
            "gets no backend in the managed file: register it under another name, or write its "
            "backend into the template and name it in [backend.NAME])");
        CHECK(selection.refused[3].where == "service x\\x0abackend y");
    }

    TEST_CASE("a service's meta changes only when no instance has the old value any more") {
        const auto agreed = [](const std::vector<Meta>& metas, const Meta& before) {
            return agreed_meta(with_meta(metas), before);
        };
        CHECK(agreed({{{"a", "1"}}, {{"a", "1"}, {"b", "2"}}}, {}) == Meta{{"a", "1"}, {"b", "2"}});
        CHECK(agreed({{{"a", "2"}}, {{"a", "1"}}}, {{"a", "1"}}) == Meta{{"a", "1"}});
        CHECK(agreed({{{"a", "2"}}, {{"a", "2"}}}, {{"a", "1"}}) == Meta{{"a", "2"}});
        CHECK(agreed({{{"a", "2"}}, {{"a", "3"}}, {{"a", "3"}}}, {}) == Meta{{"a", "3"}});
        CHECK(agreed({{{"a", "3"}}, {{"a", "2"}}}, {}) == Meta{{"a", "2"}});
        CHECK(agreed({{}, {}}, {{"a", "1"}}) == Meta{});
        CHECK(agreed({{{"a", ""}}}, {}) == Meta{});
        CHECK(agreed({}, {{"a", "1"}}) == Meta{{"a", "1"}});
    }

    TEST_CASE("a new service comes once its meta is known") {
        const Selection selection = selected({{"web", {"prod"}}, {"api", {}}});
        const Merged merged = merge({}, selection, {{"web", {{"a", "1"}}}}, noon);
        CHECK(merged.came == Names{"web"});
        CHECK(merged.metaless == Names{"api"});
        REQUIRE(merged.backends.size() == 1);
        CHECK(merged.backends.at("web").tags == Names{"prod"});
        CHECK(merged.backends.at("web").meta == Meta{{"a", "1"}});
        const Merged again = merge(merged.backends, selected({{"web", {"prod"}}}), {}, noon);
        CHECK(again.came.empty());
        CHECK(again.backends == merged.backends);
    }

    TEST_CASE("one that goes stays for a while, and may come back") {
        const Merged merged = merge(web_and_old(), selected({}), {}, noon + 1s);
        CHECK(merged.left == Names{"web"});
        CHECK(merged.backends.at("web").gone_since == noon + 1s);
        CHECK(merged.backends.at("old").gone_since == noon);
        CHECK(overdue(merged.backends, noon + 9s, 10s).empty());
        CHECK(overdue(merged.backends, noon + 10s, 10s) == Names{"old"});
        CHECK(overdue(merged.backends, noon + 11s, 10s) == Names{"old", "web"});

        const Merged back = merge(merged.backends, selected({{"old", {}}}), {}, noon + 9s);
        CHECK(back.back == Names{"old"});
        CHECK(back.came.empty());
        CHECK(overdue(back.backends, noon + 1h, 10s) == Names{"web"});
    }

    TEST_CASE("they are kept over a restart") {
        Backends backends = web_and_old();
        backends["web"].meta = {{"a", "b \"c\"\n"}};
        const auto read = parse_backends(to_json(backends), "x");
        REQUIRE_MESSAGE(read, to_string(read.error()));
        CHECK(*read == backends);
        for (const std::string text :
             {"", "[]", "{\"backends\":3}", R"({"backends":{"a b":{"tags":[],"meta":{}}}})",
              R"({"backends":{"a":{"tags":[1],"meta":{}}}})",
              R"({"backends":{"a":{"tags":[],"meta":{},"gone_since":"now"}}})"}) {
            const auto wrong = parse_backends(text, "/x");
            REQUIRE_FALSE_MESSAGE(wrong, text);
            CHECK(to_string(wrong.error()).starts_with("/x: the kept backends can't be read: "));
        }
    }

    TEST_CASE("a template gets whole slot lines, and words that are safe") {
        Backends backends;
        backends["web"].tags = {"a b"};
        backends["web"].meta = {{"slotd-slots", "20"}, {"host", "x\ny"}};
        backends["api"].meta = {{"slotd-slots", "many"}};
        const Content content =
            content_of(backends, 5, {{"List", "server a 10.0.0.1:80"}}, {"List"});
        REQUIRE(content.backends.size() == 2);
        const Section& api = content.backends[0];
        CHECK(
            api.slots ==
            "server-template s 1-5 api.service.slots.invalid:1 disabled init-addr last,127.0.0.1");
        CHECK(api.slot_count == 5);
        const Section& web = content.backends[1];
        CHECK(web.slots.starts_with("server-template s 1-20 web.service.slots.invalid:1 "));
        CHECK(web.tags == Names{"a\\x20b"});
        CHECK(web.meta.at("host") == "x_y");
        CHECK(content.slots.at("List") ==
              "server-template List- 1-5 List.kv.slots.invalid:1 disabled init-addr "
              "last,127.0.0.1");
        CHECK(content.lines.at("List") == "server a 10.0.0.1:80");
    }
}
