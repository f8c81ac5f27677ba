// SPDX-License-Identifier: MIT
#include "slotd/file/control.hpp"

#include "support/fake_haproxy.hpp"
#include "support/fake_runtime.hpp"
#include "support/folder.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <unistd.h>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

struct Controlled {
    asio::io_context io{1};
    Folder folder;
    FakeHaproxy haproxy{FakeVersion::v2_6};
    Settings settings;
    FakeRuntime* runtime;
    std::unique_ptr<Control> control;

    Controlled() {
        auto made = std::make_unique<FakeRuntime>(haproxy);
        runtime = made.get();
        settings.reload_deadline = 300ms;
        settings.check = {"cat", "{file}"};
        settings.reload = ReloadByCommand{{"true"}};
        control = haproxy_control(settings, std::move(made));
    }

    std::string check(const std::string& path) {
        const auto checked = result_of(io, control->check(path));
        return checked ? "well" : to_string(checked.error());
    }
    std::string reload() {
        const auto loaded = result_of(io, control->reload());
        if (!loaded)
            return to_string(loaded.error());
        return *loaded == Loaded::yes ? "loaded" : "no haproxy";
    }
};

std::string by(const std::string& text) {
    const auto reload = parse_reload(text);
    if (!reload)
        return to_string(reload.error());
    if (const auto* signal = std::get_if<ReloadBySignal>(&*reload))
        return "signal " + signal->pid_file;
    return "master " + std::get<ReloadByMaster>(*reload).socket.text();
}

}  // namespace

TEST_SUITE("control") {
    TEST_CASE("a reload is a command, a signal or the master's") {
        CHECK(by("signal:/run/haproxy.pid") == "signal /run/haproxy.pid");
        CHECK(by("master:/run/master.sock") == "master /run/master.sock");
        CHECK(by("master:tcp://127.0.0.1:9999") == "master tcp://127.0.0.1:9999");
        CHECK(by("signal:haproxy.pid").starts_with("\"signal:haproxy.pid\" is no way to reload"));
        CHECK(by("systemctl reload haproxy").find("write a list") != std::string::npos);
        CHECK(by("master:x").find("no absolute path") != std::string::npos);
    }

    TEST_CASE("the check's exit code decides, and what it says is told") {
        Controlled c;
        CHECK(c.check("/dev/null") == "well");
        CHECK(c.check("/no/such/file") ==
              "the command cat (exit code 1): cat: /no/such/file: No such file or directory");
        c.settings.check = {"/no/such/haproxy", "-c"};
        CHECK(c.check("/dev/null") ==
              "the command /no/such/haproxy: can't be run: No such file or directory");
    }

    TEST_CASE("of HAProxy's output its alerts are the complaint") {
        CHECK(complaint("[NOTICE]   (1) : haproxy version is 2.6.12\n"
                        "[ALERT]    (1) : config : parsing [a.cfg:3] : unknown keyword 'x'.\n"
                        "[ALERT]    (1) : config : parsing [a.cfg:9] : \x1b[2J\n"
                        "[ALERT]    (1) : config : Error(s) found in configuration file : a.cfg\n"
                        "[ALERT]    (1) : config : Fatal errors found in configuration.\n") ==
              "parsing [a.cfg:3] : unknown keyword 'x'.; parsing [a.cfg:9] : \\x1b[2J");
        CHECK(complaint("[ALERT] 12/1200 (1) : Binding failed\n") == "Binding failed");
        CHECK(complaint("one\ntwo\n\n") == "two");
        CHECK(complaint("") == "it says nothing");
        CHECK(complaint("[ALERT]    (1) : config : Fatal errors found in configuration.\n") ==
              "[ALERT]    (1) : config : Fatal errors found in configuration.");
    }

    TEST_CASE("a reload is done when another process answers") {
        Controlled c;
        c.settings.reload_deadline = patience;
        const auto result = std::make_shared<std::optional<model::Result<Loaded>>>();
        const net::Task task = net::spawn(c.io.get_executor(), store(c.control->reload(), result));
        run_until(c.io, [&] { return c.runtime->polls > 4; });
        CHECK_FALSE(result->has_value());
        c.haproxy.reload();
        run_until(c.io, [&] { return result->has_value(); });
        REQUIRE(**result);
        CHECK(***result == Loaded::yes);
    }

    TEST_CASE("a reload after which the old process still answers has failed") {
        Controlled c;
        CHECK(c.reload() ==
              "HAProxy's reload: no new worker came up within 300 ms, the process 4711 still "
              "answers or none does (HAProxy's own log says why)");
    }

    TEST_CASE("a reload that can't be asked for has failed") {
        Controlled c;
        c.settings.reload = ReloadByCommand{{"sh", "-c", "echo not allowed; exit 4"}};
        CHECK(c.reload() == "the command sh (exit code 4): not allowed");
        c.settings.reload = ReloadBySignal{c.folder / "pid"};
        CHECK(c.reload().starts_with(c.folder / "pid" + ": can't be read: No such file"));
        spit(c.folder / "pid", "x\n");
        CHECK(c.reload() == c.folder / "pid" + ": holds no PID");
        spit(c.folder / "pid", "1\n");
        CHECK(c.reload() == c.folder / "pid" + ": holds no PID");
        spit(c.folder / "pid", "4999999\n");
        CHECK(c.reload().find("can't be sent to the process 4999999: No such process") !=
              std::string::npos);
        c.settings.reload = *parse_reload("master:" + c.folder / "master");
        CHECK(c.reload().find("can't connect: No such file or directory") != std::string::npos);
    }

    TEST_CASE("where no HAProxy answers nobody can tell") {
        Controlled c;
        c.runtime->down = true;
        CHECK_FALSE(result_of(c.io, c.control->is_up()));
        CHECK(c.reload() == "no haproxy");
        c.settings.reload = ReloadBySignal{"/no/such/pid"};
        CHECK(c.reload() == "no haproxy");
        c.runtime->down = false;
        CHECK(result_of(c.io, c.control->is_up()));
    }

    TEST_CASE("a worker that is on its way out is not the new one") {
        Controlled c;
        c.runtime->stopping = true;
        CHECK_FALSE(result_of(c.io, c.control->is_up()));
        c.runtime->down = true;
        const auto result = std::make_shared<std::optional<model::Result<Loaded>>>();
        const net::Task task = net::spawn(c.io.get_executor(), store(c.control->reload(), result));
        run_until(c.io, [&] { return c.runtime->polls > 2; });
        c.runtime->down = false;
        run_until(c.io, [&] { return result->has_value(); });
        REQUIRE(**result);
        CHECK(***result == Loaded::no_haproxy);
    }
}
