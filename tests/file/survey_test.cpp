// SPDX-License-Identifier: MIT
#include "slotd/file/survey.hpp"

#include "support/fake_consul.hpp"
#include "support/fake_listing.hpp"
#include "support/folder.hpp"
#include "support/loop.hpp"
#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

const model::WallTime survey_noon{std::chrono::seconds(1'800'000'000)};

struct Surveying {
    asio::io_context io{1};
    Folder folder;
    Settings settings;
    FakeConsul consul{io.get_executor()};
    FakeListing listing{io.get_executor()};

    Surveying() {
        settings.folder = folder.path();
        settings.template_path = folder / "template";
        settings.tag = "lb";
        settings.keys = {{"List", "lb/list"}};
        spit(settings.template_path, "{{#backends}}{{name}} {{slot_count}}\n{{/backends}}");
        listing.set(ServiceTags{{"consul", {}}, {"web", {"lb"}}, {"api", {"lb"}}});
        model::Instances web = instances({"a 10.0.0.1:80"});
        web.list.front().meta.emplace_back("slotd-slots", "7");
        consul.set("web", std::move(web));
        consul.set("api", instances({"a 10.0.0.2:80"}));
    }

    model::Result<Rendered> render() {
        return result_of(io, render_once(settings, listing, consul, survey_noon));
    }
    std::string error() {
        const auto rendered = render();
        REQUIRE_FALSE(rendered);
        return to_string(rendered.error());
    }
};

}  // namespace

TEST_SUITE("survey") {
    TEST_CASE("one look at Consul gives the text and its reason") {
        Surveying s;
        const auto rendered = s.render();
        REQUIRE(rendered);
        CHECK(rendered->text == "api 10\nweb 7\n");
        CHECK(rendered->why == "api, web came");
        CHECK(rendered->remarks.empty());
        REQUIRE(save_backends(s.folder.path(), rendered->backends));
        CHECK(s.render()->why.empty());
    }

    TEST_CASE("what is kept lingers here too") {
        Surveying s;
        Backends kept;
        kept["old"].gone_since = survey_noon - 601s;
        kept["left"].gone_since = survey_noon - 599s;
        REQUIRE(save_backends(s.folder.path(), kept));
        const auto rendered = s.render();
        REQUIRE(rendered);
        CHECK(rendered->text == "api 10\nleft 10\nweb 7\n");
        CHECK(rendered->why == "api, web came; old went");
        s.consul.readable = catalog::Readable::no;
        const auto hidden = s.render();
        REQUIRE(hidden);
        CHECK(hidden->text == "api 10\nleft 10\nold 10\nweb 7\n");
        REQUIRE(hidden->remarks.size() == 1);
        CHECK(hidden->remarks[0].where == "service old");
        s.consul.readable = model::Error(model::ErrorKind::timeout, "later");
        CHECK(s.render()->text == "api 10\nleft 10\nold 10\nweb 7\n");
    }

    TEST_CASE("the lines of a key are asked for when the template copies them") {
        Surveying s;
        spit(s.settings.template_path, "{{lines.List}}");
        s.listing.set_key("lb/list", "server a 10.0.0.1:80");
        CHECK(s.render()->text == "server a 10.0.0.1:80");
        s.listing.set_key("lb/list", "backend evil");
        CHECK(s.error().starts_with("the key lb/list: line 1: \"backend evil\": "));
        s.listing.set_key("lb/list",
                          model::Unknown(model::Doubt::consul_error, "the key does not exist"));
        CHECK(s.error() == "the key lb/list: the key does not exist");
        s.listing.set_key("lb/list", "# none");
        CHECK(s.error().starts_with("the key lb/list: it lists no server"));
        s.listing.set_key("lb/list", R"([{"name":"a","address":"10.0.0.1","port":80},)"
                                     R"({"name":"b","address":"0.0.0.0","port":80}])");
        const auto rendered = s.render();
        REQUIRE(rendered);
        CHECK(rendered->text == "server a 10.0.0.1:80 weight 1");
        REQUIRE(rendered->remarks.size() == 1);
        CHECK(rendered->remarks[0].where == "the server b of the key lb/list");
    }

    TEST_CASE("what is not known makes no text") {
        Surveying s;
        s.consul.set("api", model::Unknown(model::Doubt::no_leader, "no leader"));
        CHECK(s.error() == "the service api: no leader");
        s.listing.set(model::Unknown(model::Doubt::unreachable, "nobody there"));
        CHECK(s.error() == "Consul's list of services: nobody there");
        s.settings.folder = s.settings.template_path;
        CHECK(s.error() == s.settings.template_path +
                               "/backends.json: can't be read: Not a directory (the folder must "
                               "be slotd's own user's: run this as that user, or chown the folder "
                               "to it)");
        s.settings.folder = s.folder.path();
        spit(s.folder / "backends.json", "{");
        CHECK(s.error().find("the kept backends can't be read") != std::string::npos);
        std::filesystem::remove(s.settings.template_path);
        CHECK(s.error().find("the template can't be read") != std::string::npos);
    }

    TEST_CASE("remarks come along") {
        Surveying s;
        s.listing.set(ServiceTags{{"a b", {"lb"}}, {"api", {"lb"}}});
        model::Instances api = instances({"a 10.0.0.1:80"});
        api.list.front().meta.emplace_back("slotd-slots", "x");
        s.consul.set("api", std::move(api));
        const auto rendered = s.render();
        REQUIRE(rendered);
        CHECK(rendered->text == "api 10\n");
        REQUIRE(rendered->remarks.size() == 2);
        CHECK(rendered->remarks[0].where == "service a b");
        CHECK(rendered->remarks[1].where == "service api");
    }
}
