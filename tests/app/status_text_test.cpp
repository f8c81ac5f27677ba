// SPDX-License-Identifier: MIT
// The documents are those that the admin layer makes, so that the two can't part.
#include "slotd/app/status_text.hpp"

#include "slotd/admin/status_json.hpp"
#include "support/status.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;

namespace {

sync::Status status_with(std::vector<sync::BackendStatus> backends) {
    sync::Status status = one_haproxy();
    status.backends = std::move(backends);
    return status;
}

std::string shown(const sync::Status& status, const std::string& backend = {},
                  const app::Colours& colours = app::Colours::none()) {
    const auto text = app::status_text(admin::status_json(status, {}, backend), backend, colours);
    REQUIRE_MESSAGE(text, (text ? std::string() : to_string(text.error())));
    return *text;
}

sync::BackendStatus well_backend(const std::string& name) {
    sync::BackendStatus backend = idle_backend(name);
    backend.last_success = at_second(69);
    return backend;
}

}  // namespace

TEST_SUITE("status_text") {
    TEST_CASE("a line a backend, below it what is wrong, and those where something is first") {
        sync::BackendStatus api = well_backend("api");
        api.service.clear();
        api.kv = "lb/api";
        sync::Status status = status_with({api, full_backend("web")});
        status.haproxys.push_back(down_haproxy("/b.sock"));
        CHECK(shown(status) ==
              "slotd 9.9, up 70 s, ready\n"
              "HAProxy 3.0.1, pid 42 on /a.sock\n"
              "HAProxy does not answer on /b.sock: gone\n"
              "2 backends: 1 held, 1 paused, 1 failed, 1 with instances that wait, 1 with "
              "instances that can't be served\n"
              "\n"
              "BACKEND         FOLLOWS      INSTANCES                        SLOTS                 "
              "              CHANGED   IN STEP\n"
              "web on /a.sock  web (tag a)  1 serving, 2 waiting, 1 refused  1 ready, 1 draining, 1 "
              "out, 1 free  68 s ago  67 s ago\n"
              "    held for 69 s (acl): do \"that\"\n"
              "    paused until 2001-09-09T01:46:49Z; would send 1 command\n"
              "      set server web/s4 state ready\n"
              "    failed: it failed\n"
              "    c on n1 waits for a slot\n"
              "    d on n1 waits for a slot\n"
              "    e on n1 can't be served: port 0\n"
              "api on /a.sock  key lb/api   0 serving                        1 free                "
              "              -         1 s ago\n");
    }

    TEST_CASE("the managed file, and what is out of the ordinary with it") {
        sync::Status status = status_with({});
        status.file = pinned_file();
        status.file->doubt = "no leader";
        CHECK(shown(status).find(
                  "/etc/haproxy.cfg: version 7, 3 backends, 1 of services that are gone\n"
                  "    pinned since a rollback: nothing is rendered until `slotd render --unpin`\n"
                  "    edited by somebody else: it is left alone until `slotd render --force`\n"
                  "    failed: it failed\n"
                  "    in doubt: no leader\n") != std::string::npos);
        status.file = sync::FileStatus();
        status.file->path = "/f";
        CHECK(shown(status).find("/f: no version in place, 0 backends\n") != std::string::npos);
    }

    TEST_CASE("one backend slot by slot") {
        CHECK(shown(status_with({full_backend("web")}), "web").ends_with(
              "    e on n1 can't be served: port 0\n"
              "SLOT  STATE     ADDRESS      WEIGHT  INSTANCE  NODE  SINCE\n"
              "s1    ready     10.0.0.1:80  5       a         n1    66 s\n"
              "s2    draining  -            1       -         -     -\n"
              "s3    out       -            1       -         -     -\n"
              "s4    free      -            1       -         -     -\n"));
        CHECK(shown(status_with({full_backend("web")}), "web").starts_with(
              "web follows web (tag a): 1 serving, 2 waiting, 1 refused; changed 68 s ago, in step "
              "67 s ago\n"
              "    held for 69 s (acl): do \"that\"\n"));
    }

    TEST_CASE("a long list is cut where all backends are shown, and only there") {
        sync::BackendStatus web = well_backend("web");
        for (int n = 0; n < 6; ++n) web.waiting.push_back("i" + std::to_string(n) + " on n1");
        const sync::Status status = status_with({web});
        CHECK(shown(status).find("    i2 on n1 waits for a slot\n      and 3 more\n") !=
              std::string::npos);
        CHECK(shown(status).find("i3 on n1") == std::string::npos);
        CHECK(shown(status, "web").find("    i5 on n1 waits for a slot\n") != std::string::npos);
        web.waiting.resize(4);
        CHECK(shown(status_with({web})).find("    i3 on n1 waits for a slot\n") != std::string::npos);
    }

    TEST_CASE("all is well, or nothing is there yet") {
        CHECK(shown(status_with({well_backend("web")})).find("\n1 backend: all is well\n") !=
              std::string::npos);
        CHECK(shown(status_with({idle_backend("web")})).find("\n1 backend: 1 not yet in step\n") !=
              std::string::npos);
        CHECK(shown(status_with({})).ends_with(
            "\nno backend has slots that slotd follows (`slotd slots` prints their line)\n"));
        const auto text =
            app::status_text(admin::status_json(one_haproxy(), {"web: why not"}), {}, {});
        REQUIRE(text);
        CHECK(text->starts_with("slotd 9.9, up 70 s, not ready\n    web: why not\n"));
    }

    TEST_CASE("colours say how it is, and change no column") {
        const sync::Status status = status_with({well_backend("web"), full_backend("api")});
        std::string text = shown(status, {}, app::Colours::ansi());
        CHECK(text.find("\x1b[32mweb\x1b[0m      web ") != std::string::npos);
        CHECK(text.find("\x1b[31mapi\x1b[0m      api ") != std::string::npos);
        CHECK(text.find("\x1b[33mheld for 69 s\x1b[0m (acl)") != std::string::npos);
        for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b'))
            text.erase(at, text.find('m', at) + 1 - at);
        CHECK(text == shown(status));
    }

    TEST_CASE("what is no status document is told") {
        for (const auto* text : {"", "{}", "[1]", "<html>", R"({"now":1,"backends":[]})",
                                 R"({"now":"x","backends":[{}]})"}) {
            const auto said = app::status_text(text, {}, app::Colours::none());
            REQUIRE_FALSE(said);
            CHECK(said.error().what.starts_with("this is no status document: "));
        }
    }
}
