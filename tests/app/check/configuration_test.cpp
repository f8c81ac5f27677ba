// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "support/file.hpp"
#include "support/finding_lines.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace slotd;
using slotd::testing::lines;
using Lines = std::vector<std::string>;

namespace {

struct CheckGiven {
    app::Options options;
    std::map<std::string, std::string> environment;

    Lines found() const {
        const auto look_up = [this](const char* name) -> std::optional<std::string> {
            const auto known = environment.find(name);
            if (known == environment.end())
                return std::nullopt;
            return known->second;
        };
        return lines(app::on_configuration(app::make_setup(options, look_up, "/no/such/file")));
    }
};

}  // namespace

TEST_SUITE("check: configuration") {
    TEST_CASE("none is needed with a socket") {
        CheckGiven given;
        given.options.sockets = {"/run/a.sock", "/run/b.sock"};
        CHECK(given.found() ==
              Lines{"ok       configuration: no file, and none is needed; 2 HAProxys"});
    }

    TEST_CASE("a file is named, with what it is about") {
        const slotd::testing::File file(
            "[haproxy]\nsockets = [\"/run/a.sock\"]\n[backend.web]\n[backend.api]\n");
        CheckGiven given;
        given.options.config_file = file.path();
        CHECK(given.found() == Lines{"ok       configuration " + file.path() +
                                     ": read; 1 HAProxy, 2 backends with keys of their own"});
    }

    TEST_CASE("every fault of it is a failure, and nothing more is said") {
        const slotd::testing::File file("[consul]\nadress = 1\n[haproxy]\npoll = 1\n");
        CheckGiven given;
        given.options.config_file = file.path();
        const Lines found = given.found();
        REQUIRE(found.size() == 2);
        CHECK(found[0].starts_with("failure  configuration " + file.path() +
                                   ":2:1: unknown key consul.adress (the keys of [consul] are "));
        CHECK(found[1] == "failure  configuration " + file.path() +
                              ":4:8: haproxy.poll must be a time from \"50ms\" to \"1m\", not 1");
    }

    TEST_CASE("keys that something else beats are named") {
        const slotd::testing::File file(
            "[consul]\naddress = \"http://file:1\"\ntoken = \"a\"\ntoken_file = \"/no/such\"\n"
            "[haproxy]\nsockets = [\"/run/file.sock\"]\n");
        CheckGiven given;
        given.options.config_file = file.path();
        given.options.sockets = {"/run/a.sock"};
        given.options.consul = "http://option:2";
        given.environment["CONSUL_HTTP_TOKEN"] = "b";
        const auto beaten = [&](const std::string& what) {
            return "warning  configuration " + file.path() + ": " + what +
                   " beats it (take it out, or what beats it)";
        };
        CHECK(given.found() == Lines{"ok       configuration " + file.path() + ": read; 1 HAProxy",
                                     beaten("haproxy.sockets has no effect: --socket"),
                                     beaten("consul.address has no effect: --consul"),
                                     beaten("consul.token_file has no effect: CONSUL_HTTP_TOKEN"),
                                     beaten("consul.token has no effect: CONSUL_HTTP_TOKEN")});
    }

    TEST_CASE("a token beside a token's file is one of them") {
        const slotd::testing::File token("secret\n");
        const slotd::testing::File file("[consul]\ntoken = \"a\"\ntoken_file = \"" + token.path() +
                                        "\"\n[haproxy]\nsockets = [\"/run/file.sock\"]\n");
        CheckGiven given;
        given.options.config_file = file.path();
        CHECK(given.found().back() ==
              "warning  configuration " + file.path() +
                  ": consul.token has no effect: consul.token_file beats it (take it out, or what "
                  "beats it)");
        given.environment["CONSUL_HTTP_ADDR"] = "env:1";
        CHECK(given.found().size() == 2);
    }
}
