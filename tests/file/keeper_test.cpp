// SPDX-License-Identifier: MIT
#include "slotd/file/keeper.hpp"

#include "keeping.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using namespace std::chrono_literals;

// What turns the loop in real time is kept small: slotd's own clock stands still.
TEST_SUITE("keeper") {
    TEST_CASE("services that appear at once make one reload, with the reason") {
        Keeping k;
        k.add("web");
        k.add("api", {{"slotd-slots", "7"}});
        k.add("old");
        k.start();
        k.wait_file("api 7\nold 3\nweb 3\n");
        CHECK(k.loaded() == Texts{"api 7\nold 3\nweb 3\n"});
        k.wait_log("haproxy.cfg: version 1 (api, old, web came) is in place and loaded");
        CHECK(k.standing().backends == 3);
        CHECK(k.standing().version == 1);
        CHECK(k.standing().placed);
        CHECK(k.standing().error.empty());
    }

    TEST_CASE("an instance that comes or goes touches nothing") {
        Kept k;
        k.consul->set("web", instances({"a 10.0.0.1:80", "b 10.0.0.2:80"}));
        k.rest();
        k.turn();
        k.consul->set("web", instances({}));
        k.rest();
        k.turn();
        CHECK(k.loaded().size() == 1);
        CHECK(k.control->checked.size() == 1);
    }

    TEST_CASE("it waits for quiet, and between reloads") {
        Kept k;
        k.tick(1h);
        k.add("b");
        k.turn();
        CHECK(k.loaded().size() == 1);
        k.tick(900ms);
        k.add("c");
        k.turn();
        k.tick(900ms);
        k.turn();
        CHECK(k.loaded().size() == 1);
        k.tick(100ms);
        k.wait([&] { return k.loaded().size() == 2; });
        CHECK(k.loaded().back() == "api 3\nb 3\nc 3\nweb 3\n");
        k.wait([&] { return k.standing().version == 2; });

        k.add("d");
        k.turn();
        k.tick(4900ms);
        k.turn();
        CHECK(k.loaded().size() == 2);
        k.tick(100ms);
        k.wait([&] { return k.loaded().size() == 3; });
    }

    TEST_CASE("what never comes to rest is not put off for ever") {
        Kept k;
        k.tick(1h);
        for (int n = 0; n < 8; ++n) {
            k.add("s" + std::to_string(n));
            k.turn();
            CHECK(k.loaded().size() == (n < 7 ? 1 : 2));
            k.tick(800ms);
        }
    }

    TEST_CASE("the template is followed") {
        Kept k;
        spit(k.folder / "next", "new\n{{#backends}}{{name}}\n{{/backends}}");
        std::filesystem::rename(k.folder / "next", k.settings.template_path);
        k.wait_file("new\napi\nweb\n");
        k.wait_log("version 2 (the template changed) is in place and loaded");
    }

    TEST_CASE("a template that makes the same text changes nothing, and is no reason later") {
        Kept k;
        k.debug();
        spit(k.folder / "next", slurp(k.settings.template_path) + "{{! a remark }}");
        std::filesystem::rename(k.folder / "next", k.settings.template_path);
        k.wait_log("the template changed and makes the same text");
        CHECK(k.loaded().size() == 1);
        k.add("late");
        k.wait_file("api 3\nlate 3\nweb 3\n");
        k.wait_log("version 2 (late came) is in place and loaded");
    }

    TEST_CASE("a template that is none is said once and the file stays") {
        Kept k;
        spit(k.settings.template_path, "{{nmae}}");
        k.wait_log("there is no \"nmae\" here");
        k.add("late");
        k.rest();
        k.turn();
        CHECK(k.file() == "api 3\nweb 3\n");
        CHECK(k.said("nmae") == 1);
        CHECK(k.standing().doubt.find("nmae") != std::string::npos);
        spit(k.folder / "next", "{{#backends}}{{name}}\n{{/backends}}");
        std::filesystem::rename(k.folder / "next", k.settings.template_path);
        k.wait_file("api\nlate\nweb\n");
        k.wait([&] { return k.standing().doubt.empty(); });
    }

    TEST_CASE("nothing is rendered before Consul was heard for the first time") {
        Keeping k;
        k.start();
        for (int n = 0; n < 5; ++n) {
            k.rest();
            k.turn();
        }
        CHECK(k.control->checked.empty());
        k.listing->set(k.services);
        k.wait([&] {
            k.rest();
            return k.standing().version == 1;
        });
        CHECK(k.file().empty());
    }

    TEST_CASE("an edit that is saved during a reload is noticed") {
        Kept k;
        k.control->at = [&k](const std::string& step) {
            if (step == "reloaded")
                spit(k.settings.output, "by hand");
        };
        k.add("late");
        k.wait([&] {
            k.rest();
            return k.standing().edited;
        });
        CHECK(k.file() == "by hand");
        CHECK(k.loaded().size() == 2);
        CHECK(k.control->checked.size() == 2);
    }

    TEST_CASE("later the backends of before serve until Consul is heard") {
        Kept k;
        k.stop();
        k.listing = std::make_shared<FakeListing>(k.io.get_executor());
        spit(k.settings.template_path, "{{#backends}}{{name}}\n{{/backends}}");
        k.start();
        k.wait_file("api\nweb\n");
        k.services.clear();
        k.add("web");
        k.add("late");
        k.wait_file("api\nlate\nweb\n");
    }

    TEST_CASE("a service that Consul says nothing about holds up the others only for a while") {
        Keeping k;
        k.services["mute"];
        k.add("web");
        k.start();
        k.turn();
        k.tick(14s);
        k.turn();
        CHECK(k.loaded().empty());
        k.wait_file("web 3\n");
        k.set_meta("mute", {});
        k.wait_file("mute 3\nweb 3\n");
    }

    TEST_CASE("a service whose name can't be in the file is named once") {
        Kept k;
        k.add("a b");
        k.wait_log("service a b: ");
        k.add("c");
        k.wait_file("api 3\nc 3\nweb 3\n");
        CHECK(k.said("service a b: ") == 1);
    }

    TEST_CASE("backends that can't be kept over a restart are said once, and served all the same") {
        Keeping k;
        // No file can be renamed over a folder.
        std::filesystem::create_directories(k.settings.folder + "/backends.json");
        k.add("web");
        k.start();
        k.wait_file("web 3\n");
        k.add("api");
        k.wait_file("api 3\nweb 3\n");
        CHECK(k.said("backends.json: can't be renamed over: Is a directory") == 1);
    }

    TEST_CASE("a number of slots that is none is named, and the usual one taken") {
        Kept k;
        k.set_meta("web", {{"slotd-slots", "0"}});
        k.wait_log("service web: meta slotd-slots = \"0\" is no number from 1 to 10000");
        k.set_meta("web", {{"slotd-slots", "9"}});
        k.wait_file("api 3\nweb 9\n");
    }

    TEST_CASE("the lines of a key are followed, and a value that is none changes nothing") {
        Keeping k;
        k.settings.keys = {{"List", "lb/list"}};
        spit(k.settings.template_path, "{{lines.List}}\n");
        k.add("web");
        k.start();
        k.rest();
        k.turn();
        CHECK(k.loaded().empty());
        k.listing->set_key("lb/list", "server a 10.0.0.1:80");
        k.wait_file("server a 10.0.0.1:80\n");
        k.listing->set_key("lb/list", "server a 10.0.0.1:80\nbackend evil");
        k.wait_log("the lines of the key lb/list are not taken, those before stay: line 2");
        k.rest();
        k.turn();
        CHECK(k.file() == "server a 10.0.0.1:80\n");
        CHECK_FALSE(k.standing().doubt.empty());
        k.listing->set_key("lb/list", "server b 10.0.0.2:80");
        k.wait_file("server b 10.0.0.2:80\n");
        k.wait_log("version 2 (the lines of a key changed)");
        k.wait([&] { return k.standing().doubt.empty(); });
    }

    TEST_CASE("a key that is emptied takes no server away, unless an empty list is to be applied") {
        Keeping k;
        k.settings.keys = {{"List", "lb/list"}};
        spit(k.settings.template_path, "{{lines.List}}\n");
        k.add("web");
        k.listing->set_key("lb/list", "server a 10.0.0.1:80");
        k.start();
        k.wait_file("server a 10.0.0.1:80\n");
        for (const std::string empty :
             {"", "[]", "# none", " \n\t\n", R"([{"name":"b","address":"b.example","port":80}])"}) {
            CAPTURE(empty);
            const std::size_t said = k.said("the lines of the key lb/list are not taken");
            k.listing->set_key("lb/list", empty);
            k.wait([&] { return k.said("the lines of the key lb/list are not taken") > said; });
            k.rest();
            k.turn();
            CHECK(k.file() == "server a 10.0.0.1:80\n");
            CHECK(k.standing().doubt.find("on_empty = \"apply\" in [defaults]") !=
                  std::string::npos);
        }
        CHECK(k.loaded().size() == 1);
        k.stop();
        k.settings.on_empty = OnEmpty::apply;
        k.start();
        k.wait_file("\n");
    }

    TEST_CASE("a server in JSON that can't be a line is left out and named once") {
        Keeping k;
        k.settings.keys = {{"List", "lb/list"}};
        spit(k.settings.template_path, "{{lines.List}}\n");
        k.add("web");
        k.listing->set_key("lb/list", R"([{"name":"a","address":"10.0.0.1","port":80},)"
                                      R"({"name":"b","address":"b.example","port":80}])");
        k.start();
        k.wait_file("server a 10.0.0.1:80 weight 1\n");
        const std::string left_out =
            "the server b of the key lb/list: its address \"b.example\" is a host name";
        k.wait_log(left_out);
        k.listing->set_key("lb/list", R"([{"name":"c","address":"10.0.0.3","port":80},)"
                                      R"({"name":"b","address":"b.example","port":80}])");
        k.wait_file("server c 10.0.0.3:80 weight 1\n");
        CHECK(k.said(left_out) == 1);
    }
}
