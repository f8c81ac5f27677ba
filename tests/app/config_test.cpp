// SPDX-License-Identifier: MIT
#include "slotd/app/config.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

Strings errors_of(const std::string& text) {
    Strings lines;
    for (const model::Error& error : app::parse_config(text, "slotd.toml").errors)
        lines.push_back(to_string(error));
    return lines;
}

app::Config config_of(const std::string& text) {
    app::ConfigReading reading = app::parse_config(text, "slotd.toml");
    for (const model::Error& error : reading.errors) FAIL_CHECK(to_string(error));
    return std::move(reading.config);
}

const std::string backend_keys_text =
    "service, kv, tags, filter, datacenter, slots, on_warning, on_critical, on_empty, drain, "
    "settle, "
    "large_removal, confirm, weight, gate";

}  // namespace

TEST_SUITE("config") {
    TEST_CASE("an empty file is all defaults") {
        const app::Config config = config_of("");
        CHECK(config.consul.address == "http://127.0.0.1:8500");
        CHECK(config.consul.scope.consistency == catalog::Consistency::stale);
        CHECK(config.consul.scope.wait == 60s);
        CHECK(config.consul.tls.verify);
        CHECK(config.work.poll == 1s);
        CHECK(config.work.sockets.empty());
        CHECK(config.work.defaults.policy == plan::Policy());
    }

    TEST_CASE("every key is taken") {
        const app::Config config = config_of(R"(
[consul]
address = "unix:///run/consul.sock"
token = "t"
token_file = "/etc/token"
ca_file = "/etc/ca.pem"
ca_path = "/etc/ca"
client_cert = "/etc/cert.pem"
client_key = "/etc/key.pem"
tls_server_name = "server.dc1.consul"
verify = false
datacenter = "dc2"
namespace = "ns"
partition = "part"
consistency = "consistent"
wait = "5m"
[haproxy]
sockets = ["/run/a.sock", "tcp://127.0.0.1:9999"]
poll = "250ms"
state_file = "/var/lib/haproxy/state"
[admin]
listen = ["127.0.0.1:8399", "unix:/run/slotd/admin.sock"]
state_dir = "/var/lib/slotd"
[backend.web]
service = "shop"
tags = ["prod", "eu"]
filter = 'Service.Meta.zone == "a"'
datacenter = "dc3"
slots = "s*"
on_warning = "drain"
on_critical = "drain"
on_empty = "apply"
drain = "2m"
settle = "500ms"
large_removal = "80%"
confirm = "1m"
weight = 7
gate = true
)");
        CHECK(config.consul.address == "unix:///run/consul.sock");
        CHECK(config.consul.token == "t");
        CHECK(config.consul.token_file == "/etc/token");
        CHECK(config.consul.tls.ca_file == "/etc/ca.pem");
        CHECK(config.consul.tls.ca_path == "/etc/ca");
        CHECK(config.consul.tls.client_cert == "/etc/cert.pem");
        CHECK(config.consul.tls.client_key == "/etc/key.pem");
        CHECK(config.consul.tls.server_name == "server.dc1.consul");
        CHECK_FALSE(config.consul.tls.verify);
        CHECK(config.consul.scope.datacenter == "dc2");
        CHECK(config.consul.scope.ns == "ns");
        CHECK(config.consul.scope.partition == "part");
        CHECK(config.consul.scope.consistency == catalog::Consistency::consistent);
        CHECK(config.consul.scope.wait == 300s);
        REQUIRE(config.work.sockets.size() == 2);
        CHECK(config.work.sockets[0].path() == "/run/a.sock");
        CHECK(config.work.sockets[1].port() == 9999);
        CHECK(config.work.poll == 250ms);
        REQUIRE(config.admin.listen.size() == 2);
        CHECK(to_string(config.admin.listen[0].at()) == "127.0.0.1:8399");
        CHECK(config.admin.listen[1].path() == "/run/slotd/admin.sock");
        CHECK(config.admin.state_dir == "/var/lib/slotd");
        CHECK(config.work.state_file == "/var/lib/haproxy/state");
        const sync::BackendSettings& web = config.work.backends.at("web");
        CHECK(web.service == "shop");
        CHECK(web.tags == Strings{"prod", "eu"});
        CHECK(web.filter == "Service.Meta.zone == \"a\"");
        CHECK(web.datacenter == "dc3");
        CHECK(web.slots == "s*");
        CHECK(web.policy.on_warning == plan::OnWarning::drain);
        CHECK(web.policy.on_critical == plan::OnCritical::drain);
        CHECK(web.policy.on_empty == plan::OnEmpty::apply);
        CHECK(web.policy.drain == 120s);
        CHECK(web.policy.settle == 500ms);
        CHECK(web.policy.large_removal == 80);
        CHECK(web.policy.confirm == 60s);
        CHECK(web.policy.gate);
        CHECK(web.policy.weight == model::Weight::clamped(7));
    }

    TEST_CASE("every backend starts from [defaults], wherever that stands") {
        const app::Config config = config_of(
            "[backend.a]\nweight = \"consul\"\n[backend.b]\ndrain = \"5s\"\n"
            "[defaults]\ndrain = \"9s\"\nweight = 3\n");
        CHECK(config.work.backends.at("a").policy.drain == 9s);
        CHECK_FALSE(config.work.backends.at("a").policy.weight);
        CHECK(config.work.backends.at("b").policy.drain == 5s);
        CHECK(config.work.backends.at("b").policy.weight == model::Weight::clamped(3));
        CHECK(config.work.of("c").policy.drain == 9s);
    }

    TEST_CASE("unknown keys and sections are refused with their place and what there is") {
        CHECK(
            errors_of("[consul]\n  adress = \"x\"\n") ==
            Strings{"slotd.toml:2:3: unknown key consul.adress (the keys of [consul] are address, "
                    "token, token_file, ca_file, ca_path, client_cert, client_key, "
                    "tls_server_name, verify, datacenter, namespace, partition, consistency, "
                    "wait)"});
        CHECK(errors_of("[haproxy]\nsocket = \"/a\"\n") ==
              Strings{"slotd.toml:2:1: unknown key haproxy.socket (the keys of [haproxy] are "
                      "sockets, poll, state_file)"});
        CHECK(errors_of("[backend.web]\ndrian = \"1s\"\n") ==
              Strings{
                  "slotd.toml:2:1: unknown key backend.web.drian (the keys of [backend.web] are " +
                  backend_keys_text + ")"});
        CHECK(errors_of("[defaults]\ndrian = \"1s\"\n") ==
              Strings{"slotd.toml:2:1: unknown key defaults.drian (the keys of [defaults] are " +
                      backend_keys_text + ")"});
        CHECK(errors_of("[consol]\n") ==
              Strings{"slotd.toml:1:2: unknown section [consol] (the sections are [consul], "
                      "[haproxy], [admin], [kv], [file], [defaults] and [backend.NAME])"});
        CHECK(errors_of("[\"backend.NAME\"]\n") ==
              Strings{"slotd.toml:1:2: unknown section [backend.NAME] (the sections are [consul], "
                      "[haproxy], [admin], [kv], [file], [defaults] and [backend.NAME])"});
        CHECK(
            errors_of("[backend.\"a b\"]\n") ==
            Strings{"slotd.toml:1:10: \"a b\" is no name HAProxy gives a backend (letters, digits "
                    "and -_.: only)"});
    }

    TEST_CASE("a value of the wrong type or outside its bounds is refused with its place") {
        struct Row {
            std::string text;
            std::string error;
        };
        const std::vector<Row> rows{
            {"[consul]\naddress = 1\n", "2:11: consul.address must be a string, not 1"},
            {"[consul]\nconsistency = \"fresh\"\n",
             "2:15: consul.consistency must be \"stale\", \"default\" or \"consistent\", not "
             "\"fresh\""},
            {"[consul]\nwait = 60\n",
             "2:8: consul.wait must be a time of whole seconds from \"1s\" to \"10m\", not 60"},
            {"[consul]\nwait = \"0s\"\n",
             "2:8: consul.wait must be a time of whole seconds from \"1s\" to \"10m\", not \"0s\""},
            {"[consul]\nwait = \"1500ms\"\n",
             "2:8: consul.wait must be a time of whole seconds from \"1s\" to \"10m\", not "
             "\"1500ms\""},
            {"[haproxy]\nsockets = \"/a\"\n",
             "2:11: haproxy.sockets must be a list of paths or tcp://HOST:PORT, with at least one, "
             "not \"/a\""},
            {"[haproxy]\nsockets = [1]\n",
             "2:11: haproxy.sockets must be a list of paths or tcp://HOST:PORT, with at least one, "
             "not this list"},
            {"[haproxy]\nsockets = [\"a\"]\n",
             "2:11: haproxy.sockets must be a list of paths or tcp://HOST:PORT (of \"a\": this is "
             "no absolute path), not this list"},
            {"[haproxy]\npoll = \"1ms\"\n",
             "2:8: haproxy.poll must be a time from \"50ms\" to \"1m\", not \"1ms\""},
            {"[backend.web]\ntags = [\"\"]\n",
             "2:8: backend.web.tags must be a list of strings that are not empty, not this list"},
            {"[backend.web]\ndrain = 30\n",
             "2:9: backend.web.drain must be a time from \"0s\" to \"168h\", not 30"},
            {"[backend.web]\nweight = 257\n",
             "2:10: backend.web.weight must be \"consul\" or a number from 0 to 256, not 257"},
            {"[backend.web]\nweight = 1.5\n",
             "2:10: backend.web.weight must be \"consul\" or a number from 0 to 256, not a number "
             "with a fraction"},
            {"[haproxy]\nstate_file = \"state\"\n",
             "2:14: haproxy.state_file must be the absolute path of a file, not \"state\""},
            {"[admin]\nlisten = \"127.0.0.1:8399\"\n",
             "2:10: admin.listen must be a list of 127.0.0.1:PORT, [::1]:PORT or unix:/PATH, not "
             "\"127.0.0.1:8399\""},
            {"[admin]\nlisten = [\"127.0.0.1:1\", \"0.0.0.0:8399\"]\n",
             "2:10: admin.listen must be a list of 127.0.0.1:PORT, [::1]:PORT or unix:/PATH (of "
             "\"0.0.0.0:8399\": slotd listens on loopback addresses only), not this list"},
            {"[admin]\nstate_dir = \"state\"\n",
             "2:13: admin.state_dir must be the absolute path of a folder, not \"state\""},
            {"[defaults]\ngate = \"yes\"\n",
             "2:8: defaults.gate must be true or false, not \"yes\""},
            {"[defaults]\nlarge_removal = 50\n",
             "2:17: defaults.large_removal must be a share from \"0%\" to \"100%\", not 50"},
            {"[defaults]\nlarge_removal = \"101%\"\n",
             "2:17: defaults.large_removal must be a share from \"0%\" to \"100%\", not \"101%\""},
            {"[defaults]\nlarge_removal = \"50\"\n",
             "2:17: defaults.large_removal must be a share from \"0%\" to \"100%\", not \"50\""},
            {"[defaults]\nsettle = \"2m\"\n",
             "2:10: defaults.settle must be a time from \"0s\" to \"1m\", not \"2m\""},
            {"[defaults]\nconfirm = \"2h\"\n",
             "2:11: defaults.confirm must be a time from \"0s\" to \"1h\", not \"2h\""},
            {"[defaults]\non_empty = true\n",
             "2:12: defaults.on_empty must be \"hold\" or \"apply\", not true"},
            {"[defaults]\non_empty = 2020-01-01\n",
             "2:12: defaults.on_empty must be \"hold\" or \"apply\", not a date or time"},
            {"[consul.address]\n", "1:1: consul.address must be a string, not a table"},
            {"consul = 1\n", "1:10: consul must be a table, not 1 (write [consul])"},
            {"backend = 1\n", "1:11: backend must be a table, not 1 (write [backend.NAME])"},
        };
        for (const Row& row : rows) {
            const Strings errors = errors_of(row.text);
            REQUIRE(errors.size() == 1);
            CHECK(errors[0] == "slotd.toml:" + row.error);
        }
    }

    TEST_CASE("[kv] gives KV keys their names, and kv of a backend is a key") {
        const auto read = app::parse_config(
            "[kv]\nBackendServers = \"lb/web\"\nx_1-y = \"a b\"\n"
            "[defaults]\nkv = \"all\"\n"
            "[backend.web]\nkv = \"\"\nservice = \"web\"\n",
            "slotd.toml");
        REQUIRE(read.errors.empty());
        CHECK(read.config.work.kv ==
              std::map<std::string, std::string>{{"BackendServers", "lb/web"}, {"x_1-y", "a b"}});
        CHECK(read.config.work.of("api").kv == "all");
        CHECK(read.config.work.of("web").kv.empty());
    }

    TEST_CASE("what is wrong with a KV key is said with its place") {
        struct Row {
            std::string text;
            std::string error;
        };
        const std::string form = "a KV key as `consul kv get` takes it, without a / in front";
        const std::string leave =
            " can't both choose what it follows (leave one of them out; where it is of [defaults], "
            "write it empty in [backend.web])";
        const std::vector<Row> rows{
            {"kv = 1\n", "1:6: kv must be a table, not 1 (write [kv])"},
            {"[kv]\nA = 1\n", "2:5: kv.A must be " + form + ", not 1"},
            {"[kv]\nA = \"/a\"\n", "2:5: kv.A must be " + form + ", not \"/a\""},
            {"[kv]\n\"a.b\" = \"x\"\n",
             "2:1: the name \"a.b\" has a character that can't stand in a host name ([kv] gives "
             "keys "
             "their names: letters, digits, - and _)"},
            {"[backend.web]\nkv = 1\n", "2:6: backend.web.kv must be " + form + ", not 1"},
            {"[backend.web]\nkv = \"a//b\"\n",
             "2:6: backend.web.kv must be " + form + ", not \"a//b\""},
            {"[backend.web]\nservice = \"web\"\nkv = \"a\"\n",
             "3:6: backend.web: kv and service" + leave},
            {"[backend.web]\nkv = \"a\"\nfilter = \"x\"\n",
             "2:6: backend.web: kv and filter" + leave},
            {"[backend.web]\nkv = \"a\"\n[defaults]\ntags = [\"x\"]\n",
             "2:6: backend.web: kv and tags" + leave},
            {"[defaults]\nkv = \"a\"\nservice = \"b\"\n[backend.web]\ndrain = \"1s\"\n",
             "2:6: defaults: kv and service can't both choose what it follows (leave one of them "
             "out)"},
            {"[defaults]\nkv = \"a\"\n[backend.web]\ntags = [\"x\"]\n",
             "3:1: backend.web: kv and tags" + leave},
        };
        for (const Row& row : rows) {
            CAPTURE(row.text);
            const Strings errors = errors_of(row.text);
            REQUIRE(errors.size() == 1);
            CHECK(errors[0] == "slotd.toml:" + row.error);
        }
    }

    TEST_CASE("[file] says all of the managed file") {
        const auto reading = app::parse_config(
            "[file]\ntemplate = \"/t\"\noutput = \"/o\"\ntag = \"\"\nservices = \"web-*\"\nslots = "
            "3\n"
            "check = [\"true\", \"{file}\"]\nreload = \"master:/m.sock\"\nkeep = 7\n"
            "min_interval = \"1s\"\nlinger = \"0s\"\n",
            "x");
        REQUIRE(reading.errors.empty());
        REQUIRE(reading.config.file);
        const file::Settings& file = *reading.config.file;
        CHECK(file.template_path == "/t");
        CHECK(file.output == "/o");
        CHECK(file.tag.empty());
        CHECK(file.services == "web-*");
        CHECK(file.slots == 3);
        CHECK(file.check == Strings{"true", "{file}"});
        CHECK(std::get<file::ReloadByMaster>(file.reload).socket.path() == "/m.sock");
        CHECK(file.keep == 7);
        CHECK(file.min_interval == std::chrono::seconds(1));
        CHECK(file.linger == std::chrono::seconds(0));
        CHECK_FALSE(app::parse_config("", "x").config.file);
    }

    TEST_CASE("what [file] does not take is named") {
        struct Row {
            std::string line;
            std::string expected;
        };
        const std::string command = "a command and its arguments as a list, ";
        const Row rows[] = {
            {"template = \"t\"", "the absolute path of a file"},
            {"output = \"/o/\"", "the absolute path of a file"},
            {"slots = 0", "a number from 1 to 10000"},
            {"keep = \"many\"", "a number from 1 to 10000"},
            {"check = [\"haproxy\", \"-c\"]", command + "with {file} where the file's path goes"},
            {"reload = []", command + "\"signal:/PIDFILE\" or \"master:/SOCKET\""},
            {"reload = \"restart\"", command + "\"signal:/PIDFILE\" or \"master:/SOCKET\""},
            {"min_interval = \"2h\"", "a time from \"0s\" to \"1h\""},
            {"linger = 5", "a time from \"0s\" to \"168h\""},
        };
        for (const Row& row : rows) {
            CAPTURE(row.line);
            const Strings errors = errors_of("[file]\n" + row.line + "\n");
            REQUIRE(errors.size() == 1);
            CHECK(errors[0].find(" must be " + row.expected + ", not ") != std::string::npos);
        }
    }

    TEST_CASE("every fault of a file is said at once") {
        CHECK(errors_of("[consul]\nadress = 1\nwait = 1\n[haproxy]\npol = 1\n").size() == 3);
    }

    TEST_CASE("what is no TOML is refused with its place") {
        const Strings errors = errors_of("[consul]\naddress = \n");
        REQUIRE(errors.size() == 1);
        CHECK(errors[0].starts_with("slotd.toml:2:11: "));
        CHECK(errors_of("[consul]\n[consul]\n").size() == 1);
        CHECK(errors_of("\xff\xfe").size() == 1);
        CHECK(errors_of(std::string("a\0b", 3)).size() == 1);
    }

    TEST_CASE("a file that can't be read is named") {
        const auto reading = app::read_config("/no/such/slotd.toml");
        REQUIRE(reading.errors.size() == 1);
        CHECK(to_string(reading.errors[0]) ==
              "/no/such/slotd.toml: can't be read: No such file or directory (--config names the "
              "file)");
        CHECK(app::read_config("/").errors.size() == 1);
    }
}
