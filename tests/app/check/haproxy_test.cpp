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

model::SlotId slot_id(const char* backend, const char* server) {
    return model::SlotId(*model::BackendName::parse(backend), *model::ServerName::parse(server));
}

haproxy::Inspection well_inspected() {
    haproxy::Inspection found;
    found.process.version = "3.0.11-1+deb13u5";
    found.process.pid = 4711;
    found.level = "admin";
    found.master_worker = true;
    return found;
}

haproxy::ConfigFile haproxy_config(const std::string& text) {
    return haproxy::parse_config_files({{"/h.cfg", text}});
}

/// Well, with the slots web/s1 and web/s2 that its haproxy.cfg has.
app::HaproxyFacts haproxy_facts(haproxy::Inspection found = well_inspected()) {
    app::HaproxyFacts made("/run/a.sock", std::move(found));
    made.slots = {slot_id("web", "s1"), slot_id("web", "s2")};
    made.config.paths = {"/h.cfg"};
    made.config.file = haproxy_config("backend web\n    server-template s 1-2 slots.invalid:1\n");
    return made;
}

const std::string haproxy_begin = "haproxy /run/a.sock: ";
const std::string haproxy_ok =
    "ok       " + haproxy_begin +
    "HAProxy 3.0.11-1+deb13u5, pid 4711 of a master process, level admin, "
    "2 slots";
const std::string haproxy_looked = "ok       " + haproxy_begin + "/h.cfg was looked at";

}  // namespace

TEST_SUITE("check: HAProxy") {
    TEST_CASE("one that is well says its version, process and slots") {
        CHECK(lines(app::on_haproxy(haproxy_facts())) == Lines{haproxy_ok, haproxy_looked});
    }

    TEST_CASE("one that can't be reached says why") {
        const app::HaproxyFacts none("/run/a.sock",
                                     model::Error(model::ErrorKind::unreachable, "can't connect",
                                                  "socket /run/a.sock", "is HAProxy running?"));
        CHECK(lines(app::on_haproxy(none)) ==
              Lines{"failure  " + haproxy_begin + "can't connect (is HAProxy running?)"});
    }

    TEST_CASE("a level below admin lets nothing be changed") {
        haproxy::Inspection found = well_inspected();
        found.level = "operator";
        CHECK(lines(app::on_haproxy(haproxy_facts(found))) ==
              Lines{"ok       " + haproxy_begin +
                        "HAProxy 3.0.11-1+deb13u5, pid 4711 of a master process, 2 slots",
                    "failure  " + haproxy_begin +
                        "the socket has level operator: slotd may not change slots (write `level "
                        "admin` on its `stats socket` line; `slotd plan` works with less)",
                    haproxy_looked});
    }

    TEST_CASE("versions before 2.2 are not known, later ones are no fault") {
        haproxy::Inspection found = well_inspected();
        for (const char* version : {"2.0.33", "1.8"}) {
            found.process.version = version;
            CHECK(lines(app::on_haproxy(haproxy_facts(found)))[1] ==
                  "warning  " + haproxy_begin + "HAProxy " + version +
                      " is older than slotd knows (slotd speaks with 2.2 and later)");
        }
        for (const char* version : {"2.2.9", "2.10", "3.0", "10.1", "dev", ""}) {
            found.process.version = version;
            CHECK(app::on_haproxy(haproxy_facts(found)).size() == 2);
        }
    }

    TEST_CASE("an old process that answers is told from the one that serves") {
        haproxy::Inspection found = well_inspected();
        found.process.stopping = true;
        CHECK(lines(app::on_haproxy(haproxy_facts(found)))[1] ==
              "warning  " + haproxy_begin +
                  "pid 4711, which answers, is stopping: it is the process from before a reload "
                  "(run it again when the reload is over)");
    }

    TEST_CASE("without a slot there is nothing to do, unless it is said what is wrong with one") {
        app::HaproxyFacts empty = haproxy_facts();
        empty.slots.clear();
        CHECK(lines(app::on_haproxy(empty))[1] ==
              "failure  " + haproxy_begin +
                  "it has no slot (add slot lines to the backends that slotd shall fill, `slotd "
                  "slots SERVICE COUNT` prints one, and reload HAProxy)");
        empty.problems.emplace_back(model::ErrorKind::config, "no such form", "web/s1", "mend it");
        CHECK(lines(app::on_haproxy(empty))[1] ==
              "failure  backend web/s1: no such form (mend it)");
        CHECK(app::on_haproxy(empty).size() == 3);
    }

    TEST_CASE("expose-fd is needed where no master hands the listeners on") {
        haproxy::Inspection found = well_inspected();
        found.master_worker = false;
        app::HaproxyFacts alone = haproxy_facts(found);
        const std::string backend = "backend web\n    server-template s 1-2 slots.invalid:1\n";
        const std::string socket = "global\n    stats socket /run/a.sock level admin";
        const std::string missing =
            "warning  " + haproxy_begin +
            "without a master process and without `expose-fd listeners`, a reload resets "
            "connections that wait to be accepted (run it with -W, or write `expose-fd listeners` "
            "on the "
            "`stats socket` line and start the new process with -x)";
        alone.config.file = haproxy_config(socket + "\n" + backend);
        CHECK(lines(app::on_haproxy(alone))[1] == missing);
        alone.config.file = haproxy_config(socket + " expose-fd listeners\n" + backend);
        CHECK(app::on_haproxy(alone).size() == 2);
        alone.config.file.reset();
        CHECK(app::on_haproxy(alone).size() == 2);
    }

    TEST_CASE("a haproxy.cfg that was not read, or is not the running one, is said") {
        const std::string hint =
            " (--haproxy-config FILE names it; it says what no socket tells: init-addr, hash-type, "
            "the state file)";
        app::HaproxyFacts blind = haproxy_facts();
        blind.config = app::ConfigFacts();
        CHECK(lines(app::on_haproxy(blind)) ==
              Lines{haproxy_ok, "ok       " + haproxy_begin +
                                    "haproxy.cfg was not looked at: where it is can't be told" +
                                    hint});
        blind.config.trouble =
            model::Error(model::ErrorKind::config, "Permission denied", "/h.cfg");
        CHECK(lines(app::on_haproxy(blind)) ==
              Lines{haproxy_ok, "warning  " + haproxy_begin +
                                    "haproxy.cfg was not looked at: /h.cfg: Permission denied" +
                                    hint});

        haproxy::Inspection found = well_inspected();
        found.level = "user";
        blind.inspection = found;
        CHECK(app::on_haproxy(blind).back().hint.ends_with(
            "the state file; and what one of level user does not: balance, cookies"));

        app::HaproxyFacts changed = haproxy_facts();
        changed.slots.push_back(slot_id("web", "s3"));
        changed.slots.push_back(slot_id("api", "s1"));
        CHECK(lines(app::on_haproxy(changed))[1] ==
              "warning  " + haproxy_begin +
                  "/h.cfg has no line for the slots web/s3 and api/s1, which HAProxy has (was it "
                  "changed since the last reload, or is it another HAProxy's?)");
    }
}
