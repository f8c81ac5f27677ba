// SPDX-License-Identifier: MIT
#include "slotd/app/setup.hpp"

#include "support/file.hpp"
#include "support/given.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using slotd::testing::File;
using slotd::testing::Given;
using Strings = std::vector<std::string>;

TEST_SUITE("setup") {
    TEST_CASE("with --socket nothing else is needed") {
        const app::Setup setup = Given().setup();
        CHECK(setup.http.base == "http://127.0.0.1:8500");
        CHECK(setup.http.token.empty());
        CHECK(setup.http.user_agent == "slotd/" SLOTD_VERSION);
        REQUIRE(setup.work.sockets.size() == 1);
        CHECK(setup.work.sockets[0].path() == "/run/a.sock");
        CHECK(setup.work.only.empty());
    }

    TEST_CASE("what works on the managed file says how to get one before it asks for a socket") {
        Given given;
        given.options.sockets.clear();
        for (const auto command :
             {app::CommandName::render, app::CommandName::history, app::CommandName::rollback}) {
            given.options.command = command;
            given.options.config_file.reset();
            CHECK(given.errors() ==
                  Strings{"no managed file is configured (it needs [file] with `template` and "
                          "`output` in /no/such/slotd.toml, or in the file that --config names)"});
            const File file("[haproxy]\npoll = \"1s\"\n");
            given.options.config_file = file.path();
            CHECK(given.errors() ==
                  Strings{file.path() +
                          ": no managed file is configured (write [file] with `template` and "
                          "`output` into it, or name another file by --config)"});
        }
    }

    TEST_CASE("who asks Consul nothing needs neither its token nor its certificates") {
        const File file(
            "[consul]\naddress = \"ftp://x\"\ntoken_file = \"/no/such/token\"\n"
            "ca_file = \"/no/such/authority\"\n[admin]\nstate_dir = \"/tmp\"\n"
            "[file]\ntemplate = \"/t\"\noutput = \"/o\"\n");
        Given given;
        given.options.config_file = file.path();
        for (const auto command : {app::CommandName::history, app::CommandName::rollback}) {
            given.options.command = command;
            CHECK(given.errors().empty());
        }
        for (const auto command : {app::CommandName::run, app::CommandName::plan,
                                   app::CommandName::check, app::CommandName::render}) {
            given.options.command = command;
            CHECK(given.errors().size() == 2);
        }
    }

    TEST_CASE("an option beats the environment, which beats the file") {
        const File file(
            "[consul]\naddress = \"http://file:1\"\ntoken = \"file\"\n"
            "[haproxy]\nsockets = [\"/run/file.sock\"]\n");
        Given given;
        given.options.sockets.clear();
        given.options.config_file = file.path();
        CHECK(given.setup().http.base == "http://file:1");
        CHECK(given.setup().http.token == "file");
        CHECK(given.setup().work.sockets[0].path() == "/run/file.sock");
        given.environment = {{"CONSUL_HTTP_ADDR", "http://environment:2/"},
                             {"CONSUL_HTTP_TOKEN", "environment"}};
        CHECK(given.setup().http.base == "http://environment:2");
        CHECK(given.setup().http.token == "environment");
        given.options.consul = "http://option:3";
        given.options.sockets = {"/run/option.sock"};
        CHECK(given.setup().http.base == "http://option:3");
        REQUIRE(given.setup().work.sockets.size() == 1);
        CHECK(given.setup().work.sockets[0].path() == "/run/option.sock");
    }

    TEST_CASE("an address may lack its scheme, as for Consul's own tools, wherever it is said") {
        const File file("[consul]\naddress = \"consul.file:8500\"\n");
        Given given;
        given.options.config_file = file.path();
        CHECK(given.setup().http.base == "http://consul.file:8500");
        given.options.consul = "127.0.0.1:8500/";
        CHECK(given.setup().http.base == "http://127.0.0.1:8500");
        given.environment["CONSUL_HTTP_SSL"] = "true";
        CHECK(given.setup().http.base == "https://127.0.0.1:8500");
        given = Given();
        given.environment["CONSUL_HTTP_ADDR"] = "consul.local:8500";
        CHECK(given.setup().http.base == "http://consul.local:8500");
        given.environment["CONSUL_HTTP_ADDR"] = "";
        CHECK(given.setup().http.base == "http://127.0.0.1:8500");
    }

    TEST_CASE("CONSUL_HTTP_SSL makes https of all but an option that says http") {
        const File file("[consul]\naddress = \"http://file:1\"\n");
        Given given;
        for (const std::string yes : {"1", "t", "T", "true", "True", "TRUE"}) {
            given.environment["CONSUL_HTTP_SSL"] = yes;
            CHECK(given.setup().http.base == "https://127.0.0.1:8500");
        }
        given.environment["CONSUL_HTTP_ADDR"] = "consul.local:8500";
        CHECK(given.setup().http.base == "https://consul.local:8500");
        given.environment["CONSUL_HTTP_ADDR"] = "http://consul.local:8500";
        CHECK(given.setup().http.base == "https://consul.local:8500");
        given.environment["CONSUL_HTTP_ADDR"] = "unix:///run/consul.sock";
        CHECK(given.setup().http.base == "unix:///run/consul.sock");
        given.environment.erase("CONSUL_HTTP_ADDR");
        given.options.config_file = file.path();
        CHECK(given.setup().http.base == "https://file:1");
        given.options.consul = "http://option:1";
        CHECK(given.setup().http.base == "http://option:1");
        given.options.consul.reset();
        for (const std::string no : {"", "0", "f", "F", "false", "False", "FALSE"}) {
            given.environment["CONSUL_HTTP_SSL"] = no;
            CHECK(given.setup().http.base == "http://file:1");
        }
        given.environment["CONSUL_HTTP_SSL"] = "yes";
        CHECK(given.errors() == Strings{"CONSUL_HTTP_SSL: \"yes\" is neither true nor false (write "
                                        "true or false)"});
    }

    TEST_CASE("the rest of Consul's own variables") {
        const File file("[consul]\nnamespace = \"file\"\npartition = \"file\"\n");
        Given given;
        given.options.config_file = file.path();
        CHECK(given.setup().scope.ns == "file");
        given.environment = {{"CONSUL_NAMESPACE", "team"},
                             {"CONSUL_PARTITION", "part"},
                             {"CONSUL_HTTP_AUTH", "user:password"}};
        const app::Setup setup = given.setup();
        CHECK(setup.scope.ns == "team");
        CHECK(setup.scope.partition == "part");
        CHECK(setup.http.auth == "user:password");
    }

    TEST_CASE("a token's file beats the token beside it, and loses its line end") {
        const File file("  secret-1 \n");
        Given given;
        given.environment = {{"CONSUL_HTTP_TOKEN", "other"},
                             {"CONSUL_HTTP_TOKEN_FILE", file.path()}};
        CHECK(given.setup().http.token_source.current() == "secret-1");

        const File config("[consul]\ntoken_file = \"" + file.path() + "\"\n");
        given.environment.clear();
        given.options.config_file = config.path();
        CHECK(given.setup().http.token_source.current() == "secret-1");
        given.environment = {{"CONSUL_HTTP_TOKEN", "other"}};
        CHECK(given.setup().http.token == "other");
    }

    TEST_CASE("a token that can't be sent is refused without being shown") {
        const File file("a b");
        Given given;
        given.environment["CONSUL_HTTP_TOKEN"] = "a\r\nX-Evil: 1";
        CHECK(given.errors() == Strings{"CONSUL_HTTP_TOKEN: the token has blanks or control "
                                        "characters (a token is one word, most often a UUID)"});
        given.environment = {{"CONSUL_HTTP_TOKEN_FILE", file.path()}};
        CHECK(given.errors() ==
              Strings{file.path() + ": the token has blanks or control "
                                    "characters (a token is one word, most often a UUID)"});
    }

    TEST_CASE("a token's file is read again for each request") {
        const File file("secret-1");
        Given given;
        given.environment = {{"CONSUL_HTTP_TOKEN_FILE", file.path()}};
        const app::Setup setup = given.setup();
        REQUIRE(setup.http.token_source.current);
        CHECK(setup.http.token_source.current() == "secret-1");
        file.write("secret-2");
        CHECK(setup.http.token_source.current() == "secret-2");
        // Another token is no other Consul: read again, the setup is the same.
        CHECK(setup.http == given.setup().http);
        CHECK(setup.token_file);
        given.environment = {{"CONSUL_HTTP_TOKEN", "other"}};
        CHECK_FALSE(given.setup().http.token_source.current);
        CHECK_FALSE(given.setup().token_file);
    }

    TEST_CASE("an address that is none is refused by where it was said") {
        const std::string hint =
            " (write http://HOST:PORT, https://HOST:PORT or unix:///PATH, an IPv6 address in "
            "brackets)";
        Given given;
        given.options.consul = "/run/consul.sock";
        CHECK(given.errors() ==
              Strings{"--consul: \"/run/consul.sock\" is no address of Consul" + hint});
        given.options.consul.reset();
        given.environment["CONSUL_HTTP_ADDR"] = "ftp://x";
        CHECK(given.errors() ==
              Strings{"CONSUL_HTTP_ADDR: \"ftp://x\" is no address of Consul" + hint});
        given.environment.clear();
        const File file("[consul]\naddress = \"http://\"\n");
        given.options.config_file = file.path();
        CHECK(given.errors() ==
              Strings{file.path() + ":2:11: consul.address: \"http://\" is no address of Consul" +
                      hint});
    }

    TEST_CASE("an address that nobody can be asked at is refused with what is wrong in it") {
        struct Row {
            std::string address;
            std::string fault;  ///< empty: it is taken
        };
        const std::string curls = ": ";  // in words that differ by its version
        const std::string no_place =
            ": it ends with its path: \"?\" and \"#\" have no place in it (write ";
        const std::vector<Row> rows{
            {"http://127.0.0.1:99999", curls},
            {"http://::1", curls},
            {"http://consul:85x", curls},
            {"http://a b", curls},
            {"http://:21500", curls},
            {"http://[::1", curls},
            {"http://consul:0", ": nobody listens on port 0 (write "},
            {"http://consul?x=1", no_place},
            {"https://consul/p#x", no_place},
            {"http://consul", ""},
            {"http://[::1]:8500", ""},
            {"https://proxy.example:8443/consul/dc1", ""},
        };
        for (const Row& row : rows) {
            CAPTURE(row.address);
            Given given;
            given.options.consul = row.address;
            const Strings errors = given.errors();
            if (row.fault.empty()) {
                CHECK(errors.empty());
                continue;
            }
            REQUIRE(errors.size() == 1);
            CHECK(errors[0].starts_with("--consul: \"" + row.address +
                                        "\" is no address of Consul" + row.fault));
        }
        Given given;
        given.options.consul = "127.0.0.1:99999";
        CHECK(given.errors().size() == 1);
    }

    TEST_CASE("a token of the configuration file that can't be sent is refused with its place") {
        const File file("[consul]\ntoken = \"two words\"\n");
        Given given;
        given.options.config_file = file.path();
        CHECK(given.errors() ==
              Strings{file.path() +
                      ":2:9: consul.token: the token has blanks or control characters "
                      "(a token is one word, most often a UUID)"});
    }

    TEST_CASE("a socket that is named twice, however, is refused") {
        Given given;
        given.options.sockets = {"/run/a.sock", "/run/b.sock", "unix:///run/a.sock"};
        CHECK(given.errors() ==
              Strings{"--socket unix:///run/a.sock: this socket is named twice (name each HAProxy "
                      "once)"});
        given.options.sockets = {"tcp://localhost:1", "tcp://localhost:2"};
        CHECK(given.errors().empty());
        const File file("[haproxy]\nsockets = [\"/run/a.sock\", \"/run/a.sock\"]\n");
        given.options.config_file = file.path();
        CHECK(given.errors().empty());
        given.options.sockets.clear();
        CHECK(given.errors() ==
              Strings{file.path() +
                      ":2:11: haproxy.sockets /run/a.sock: this socket is named twice "
                      "(name each HAProxy once)"});
    }

    TEST_CASE("an address with a password, or the path of a socket that is too long, is refused") {
        Given given;
        given.options.consul = "http://user:secret@consul:8500";
        CHECK(given.errors() ==
              Strings{"--consul: an address has no place for a user or a password "
                      "(CONSUL_HTTP_AUTH takes USER:PASSWORD)"});
        given.options.consul = "unix:///" + std::string(106, 'x');
        CHECK(given.errors().empty());
        given.options.consul = "unix:///" + std::string(107, 'x');
        CHECK(given.errors() == Strings{"--consul: the path of a UNIX socket has at most 107 "
                                        "characters (move it, or name it by a shorter link)"});
    }

    TEST_CASE("without a socket there is nothing to work on") {
        Given given;
        given.options.sockets.clear();
        CHECK(given.errors() ==
              Strings{"no HAProxy to work on (give --socket PATH, or `sockets` in [haproxy] of the "
                      "configuration file)"});
        given.options.sockets = {"admin.sock"};
        CHECK(given.errors() ==
              Strings{"--socket admin.sock: this is no absolute path (write a path "
                      "(/run/haproxy/admin.sock) or tcp://HOST:PORT)"});
    }

    TEST_CASE("one state file can't serve several HAProxys") {
        const File file("[haproxy]\nstate_file = \"/var/lib/haproxy/state\"\n");
        Given given;
        given.options.config_file = file.path();
        CHECK(given.setup().work.state_file == "/var/lib/haproxy/state");
        given.options.sockets = {"/run/a.sock", "/run/b.sock"};
        CHECK(given.errors() ==
              Strings{"haproxy.state_file: one state_file can't hold the state of several HAProxys "
                      "(run one slotd for each of them, or leave it out)"});
    }

    TEST_CASE("a managed file has from other sections what it needs of them") {
        const File file(
            "[admin]\nstate_dir = \"/var/lib/slotd\"\n[kv]\nList = \"lb/list\"\n"
            "[defaults]\nconfirm = \"3s\"\non_empty = \"apply\"\n[file]\ntemplate = \"/t\"\noutput "
            "= \"/o\"\n");
        Given given;
        given.options.config_file = file.path();
        const app::Setup setup = given.setup();
        REQUIRE(setup.file);
        CHECK(setup.file->folder == "/var/lib/slotd/file");
        CHECK(setup.file->keys.at("List") == "lb/list");
        CHECK(setup.file->confirm == std::chrono::seconds(3));
        CHECK(setup.file->on_empty == file::OnEmpty::apply);
        given.options.sockets = {"/run/a.sock", "/run/b.sock"};
        CHECK(given.errors() ==
              Strings{file.path() + ": [file]: one managed file can't be that of several HAProxys "
                                    "(run one slotd for each of them)"});
        CHECK_FALSE(Given().setup().file);
    }

    TEST_CASE("what a managed file lacks is named") {
        const File file("[file]\n");
        Given given;
        given.options.config_file = file.path();
        const std::string where = file.path() + ": [file]: ";
        CHECK(given.errors() ==
              Strings{
                  where + "`template` is missing (it names the template that the file is made of)",
                  where + "`output` is missing (it names the haproxy.cfg that slotd shall write)",
                  where + "`state_dir` in [admin] is missing (the file's versions are kept there, "
                          "for example in \"/var/lib/slotd\")"});
        file.write("[admin]\nstate_dir = \"/s\"\n[file]\ntemplate = \"/t\"\noutput = \"/t\"\n");
        CHECK(given.errors() ==
              Strings{file.path() + ": file.output: this is the template too (they "
                                    "must be two files)"});
    }

    TEST_CASE("the default file is read when it is there, and one that was named must be") {
        const File file("[haproxy]\nsockets = [\"/run/default.sock\"]\n");
        Given given;
        given.options.sockets.clear();
        given.default_file = file.path();
        CHECK(given.setup().work.sockets[0].path() == "/run/default.sock");
        given.options.config_file = "/no/such/file";
        CHECK(given.errors().size() == 1);
    }

    TEST_CASE("--backend limits the work, and =SERVICE hands over all servers of a backend") {
        const File file("[defaults]\ndrain = \"7s\"\n[backend.api]\nweight = 3\n");
        Given given;
        given.options.config_file = file.path();
        given.options.backends = {{"web", ""}, {"old", "shop"}, {"api", "other"}};
        const sync::Settings work = given.setup().work;
        CHECK(work.only == Strings{"web", "old", "api"});
        CHECK_FALSE(work.backends.contains("web"));
        CHECK(work.backends.at("old").service == "shop");
        CHECK(work.backends.at("old").slots == "*");
        CHECK(work.backends.at("old").policy.drain == std::chrono::seconds(7));
        CHECK(work.backends.at("api").service == "other");
        CHECK(work.backends.at("api").policy.weight == model::Weight::clamped(3));
    }
}
