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

const std::string web_state =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_admin_state srv_uweight "
    "srv_time_since_last_change srv_fqdn srv_port\n"
    "3 web 1 s1 10.0.0.1 4 1 0 slots.invalid 80\n"
    "3 web 2 s2 127.0.0.1 5 1 0 slots.invalid 1\n\n";

/// Kept, loaded and fresh.
app::StateFileFacts state_facts() {
    app::StateFileFacts made;
    made.path = "/var/state";
    made.loads.emplace();
    made.loads->emplace_back("web", "/var/state");
    made.is_there = true;
    made.text = web_state;
    made.live = *haproxy::parse_servers_state(web_state);
    return made;
}

Lines state_found(const app::StateFileFacts& facts) {
    return lines(app::on_state_file(facts));
}

const std::string state_loaded = "ok       state-file /var/state: HAProxy loads it at a reload";
const std::string state_fresh = "ok       state-file /var/state: it holds what HAProxy has now";
const std::string state_keeps = " (`slotd run` keeps it fresh: does it run?)";

}  // namespace

TEST_SUITE("check: state file") {
    TEST_CASE("one that is kept, loaded and fresh is well") {
        CHECK(state_found(state_facts()) == Lines{state_loaded, state_fresh});
    }

    TEST_CASE("nothing is said where there is none") {
        app::StateFileFacts none;
        CHECK(state_found(none).empty());
        none.loads.emplace();
        none.loads->emplace_back("web", "");
        CHECK(state_found(none).empty());
    }

    TEST_CASE("one that HAProxy loads and nobody keeps is told") {
        app::StateFileFacts foreign;
        foreign.loads.emplace();
        for (const char* backend : {"web", "api"}) foreign.loads->emplace_back(backend, "/old");
        CHECK(state_found(foreign) ==
              Lines{"warning  state-file /old: HAProxy loads it for the backends web and api, and "
                    "slotd does not keep it: at a reload it may be old (set `state_file` under "
                    "[haproxy] to it, unless each reload writes it first)"});
    }

    TEST_CASE("one that HAProxy does not load, or another one, is a failure") {
        app::StateFileFacts lost = state_facts();
        lost.loads->emplace_back("api", "");
        lost.loads->emplace_back("old", "/other");
        const std::string hint =
            " (write `server-state-file /var/state` under global and "
            "`load-server-state-from-file global` under defaults)";
        CHECK(state_found(lost) ==
              Lines{"failure  state-file /var/state: HAProxy does not load it for the backend api" +
                        hint,
                    "failure  state-file /var/state: HAProxy loads /other for the backend old, not "
                    "this file" +
                        hint,
                    state_fresh});
        lost.loads->clear();
        for (const char* backend : {"a", "b", "c", "d", "e", "f"})
            lost.loads->emplace_back(backend, "");
        CHECK(state_found(lost).front() ==
              "failure  state-file /var/state: HAProxy does not load it for the backends a, b, c "
              "and 3 more" +
                  hint);
    }

    TEST_CASE("without haproxy.cfg, servers that are older than the process tell a little") {
        app::StateFileFacts blind = state_facts();
        blind.loads.reset();
        CHECK(state_found(blind) ==
              Lines{"ok       state-file /var/state: whether HAProxy loads it can't be told",
                    state_fresh});
        blind.was_loaded = true;
        CHECK(state_found(blind).front() ==
              "ok       state-file /var/state: HAProxy began with a state file; which one can't be "
              "told");
    }

    TEST_CASE(
        "a folder that slotd may not write to, and a file HAProxy may not read, are failures") {
        app::StateFileFacts locked = state_facts();
        locked.folder_trouble = "/var: Permission denied";
        locked.unreadable_for = "user 99";
        CHECK(state_found(locked) ==
              Lines{"failure  state-file /var/state: slotd can't keep it: /var: Permission denied "
                    "(slotd writes the file beside it and renames it; run `slotd check` as slotd's "
                    "user)",
                    state_loaded,
                    "failure  state-file /var/state: HAProxy may not read it at a reload: it runs "
                    "as user 99 (change the owner or mode of the file, or of a folder above it; "
                    "slotd keeps them)",
                    state_fresh});
    }

    TEST_CASE("one that is not there yet, or can't be read, is told from one that is none") {
        app::StateFileFacts early = state_facts();
        early.text.reset();
        early.text_trouble = "Permission denied";
        CHECK(state_found(early).back() ==
              "warning  state-file /var/state: what it holds was not looked at: Permission denied "
              "(run `slotd check` as slotd's user)");
        early.is_there = false;
        CHECK(state_found(early).back() ==
              "ok       state-file /var/state: it is not there yet: `slotd run` writes it");
        app::StateFileFacts other = state_facts();
        other.text = "hello\n";
        CHECK(state_found(other).back() ==
              "failure  state-file /var/state: it is no server-state file of HAProxy's (remove it: "
              "`slotd run` writes it anew)");
    }

    TEST_CASE("an old one is told by the first slot that differs") {
        app::StateFileFacts old = state_facts();
        old.live[0].at->port = *model::Port::from(81);
        CHECK(state_found(old).back() ==
              "warning  state-file /var/state: it is not what HAProxy has now: web/s1 is ready at "
              "10.0.0.1:81, and in the file ready at 10.0.0.1:80" +
                  state_keeps);
        old.live[1].admin = model::Admin::drain;
        CHECK(state_found(old).back() ==
              "warning  state-file /var/state: it is not what HAProxy has now: web/s1 is ready at "
              "10.0.0.1:81, and in the file ready at 10.0.0.1:80, and 1 other slot too" +
                  state_keeps);
        old = state_facts();
        old.live[0].weight = model::Weight::clamped(7);
        CHECK(state_found(old).size() == 2);
        CHECK(state_found(old).back() != state_fresh);
        old = state_facts();
        old.text = web_state.substr(0, web_state.find("3 web 2")) + "\n";
        CHECK(state_found(old).back() ==
              "warning  state-file /var/state: it is not what HAProxy has now: web/s2 is maint at "
              "127.0.0.1:1, and in the file missing" +
                  state_keeps);
        // What slotd leaves out is no difference.
        old.live[1].host_name.clear();
        CHECK(state_found(old).back() == state_fresh);
    }
}
