// SPDX-License-Identifier: MIT
#include "slotd/app/check/finding.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd;
using app::Area;
using app::Code;
using app::Finding;
using app::Findings;
using app::Level;

TEST_SUITE("findings") {
    const Finding good(Level::ok, Area::configuration, Code::configuration_read, "", "no file");
    const Finding odd(Level::warning, Area::state_file, Code::state_file_old, "/state",
                      "is \"old\"", "does it run?");
    const Finding bad(Level::failure, Area::backend, Code::no_slots, "web", "no slot", "add one");

    TEST_CASE("they are a line each, with how to mend it, and a line that counts") {
        CHECK(app::findings_text({good, odd, bad}) ==
              "ok       configuration: no file\n"
              "warning  state-file /state: is \"old\" (does it run?)\n"
              "failure  backend web: no slot (add one)\n"
              "1 failure, 1 warning, 1 ok\n");
        CHECK(app::findings_text({}) == "0 failures, 0 warnings, 0 ok\n");
    }

    TEST_CASE("or one document") {
        CHECK(app::findings_json({odd}) ==
              "{\n"
              "  \"version\": \"" SLOTD_VERSION
              "\",\n"
              "  \"failures\": 0,\n"
              "  \"warnings\": 1,\n"
              "  \"ok\": 0,\n"
              "  \"findings\": [\n"
              "    {\n"
              "      \"level\": \"warning\",\n"
              "      \"area\": \"state-file\",\n"
              "      \"code\": \"state-file-old\",\n"
              "      \"where\": \"/state\",\n"
              "      \"what\": \"is \\\"old\\\"\",\n"
              "      \"hint\": \"does it run?\"\n"
              "    }\n"
              "  ]\n"
              "}\n");
    }

    TEST_CASE("failures decide the exit code, those of the configuration first") {
        const Finding usage(Level::failure, Area::configuration, Code::configuration_wrong,
                            "--consul", "no address");
        CHECK(app::exit_code({good, odd}) == 0);
        CHECK(app::exit_code({good, bad, odd}) == 1);
        CHECK(app::exit_code({usage, bad}) == 2);
        CHECK(app::exit_code({bad, usage}) == 2);
    }

    TEST_CASE("an error keeps its place, or gets one") {
        const model::Error placed(model::ErrorKind::config, "wrong", "a.toml:1:2", "mend it");
        const model::Error lost(model::ErrorKind::config, "wrong");
        CHECK(app::failure(Area::consul, Code::no_answer, placed, "x") ==
              Finding(Level::failure, Area::consul, Code::no_answer, "a.toml:1:2", "wrong",
                      "mend it"));
        CHECK(app::failure(Area::consul, Code::no_answer, lost, "x") ==
              Finding(Level::failure, Area::consul, Code::no_answer, "x", "wrong"));
    }
}
