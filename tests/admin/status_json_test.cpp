// SPDX-License-Identifier: MIT
#include "slotd/admin/status_json.hpp"

#include "support/status.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using namespace slotd::testing;

TEST_SUITE("status_json") {
    TEST_CASE("nothing yet") {
        sync::Status status;
        status.version = "9.9";
        status.started = at_second(0);
        status.now = at_second(70);
        CHECK(admin::status_json(status, {"why not"}) ==
              R"({"version":"9.9","started":"2001-09-09T01:46:40Z",)"
              R"("now":"2001-09-09T01:47:50Z","ready":false,)"
              R"("not_ready":["why not"],"haproxy":[],"file":null,"backends":[]})"
              "\n");
    }

    TEST_CASE("every value has its place, and what is not is null") {
        sync::Status status = one_haproxy();
        status.backends.push_back(full_backend("web"));
        status.haproxys.push_back(down_haproxy("/b.sock"));
        status.file = pinned_file();
        CHECK(
            admin::status_json(status, {}) ==
            R"({"version":"9.9","started":"2001-09-09T01:46:40Z",)"
            R"("now":"2001-09-09T01:47:50Z","ready":true,"not_ready":[],)"
            R"("haproxy":[{"socket":"/a.sock","up":true,"error":null,"version":"3.0.1","pid":42},)"
            R"({"socket":"/b.sock","up":false,"error":"gone","version":null,"pid":null}],)"
            R"("file":{"path":"/etc/haproxy.cfg","version":7,"placed":"2001-09-09T01:46:45Z",)"
            R"("pinned":7,"edited":true,"backends":3,"lingering":1,"error":"it failed","doubt":null},)"
            R"-("backends":[{"name":"web","socket":"/a.sock","service":"web (tag a)","kv":null,"paused":true,)-"
            R"("paused_until":"2001-09-09T01:46:49Z",)"
            R"("held":{"reason":"acl","since":"2001-09-09T01:46:41Z","detail":"do \"that\""},)"
            R"("slots":{"ready":1,"draining":1,"out":1,"free":1},)"
            R"("instances":{"serving":1,"waiting":2,"refused":1},"waiting":["c on n1","d on n1"],)"
            R"("refused":[{"instance":"e on n1","why":"port 0"}],)"
            R"("last_change":"2001-09-09T01:46:42Z","last_success":"2001-09-09T01:46:43Z",)"
            R"("last_error":"it failed","would":["set server web/s4 state ready"],"slot":[)"
            R"({"name":"s1","state":"ready","address":"10.0.0.1","port":80,"weight":5,)"
            R"("instance":"a","node":"n1","since":"2001-09-09T01:46:44Z"},)"
            R"({"name":"s2","state":"draining","address":null,"port":null,"weight":1,)"
            R"("instance":null,"node":null,"since":null},)"
            R"({"name":"s3","state":"out","address":null,"port":null,"weight":1,)"
            R"("instance":null,"node":null,"since":null},)"
            R"({"name":"s4","state":"free","address":null,"port":null,"weight":1,)"
            R"("instance":null,"node":null,"since":null}]}]})"
            "\n");
    }

    TEST_CASE("one backend of many") {
        sync::Status status = one_haproxy();
        status.backends.push_back(idle_backend("web"));
        status.backends.push_back(idle_backend("api"));
        status.backends.back().service.clear();
        status.backends.back().kv = "lb/api";
        const std::string text = admin::status_json(status, {}, "api");
        CHECK(text.find(R"("name":"web")") == std::string::npos);
        CHECK(text.find(
                  R"({"name":"api","socket":"/a.sock","service":null,"kv":"lb/api","paused":false,)"
                  R"("paused_until":null,"held":null,)") != std::string::npos);
    }
}
