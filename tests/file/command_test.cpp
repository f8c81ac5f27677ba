// SPDX-License-Identifier: MIT
#include "slotd/file/command.hpp"

#include "support/folder.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <unistd.h>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

struct Running {
    asio::io_context io{1};

    model::Result<file::Ran> run(std::vector<std::string> command, milliseconds limit = patience) {
        return result_of(io, file::run_command(std::move(command), limit));
    }

    file::Ran shell(const std::string& script) {
        auto ran = run({"sh", "-c", script});
        REQUIRE_MESSAGE(ran, to_string(ran.error()));
        return *std::move(ran);
    }
};

bool is_running(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

/// Running, and not just waiting for its parent to notice its end.
bool is_alive(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    return !line.empty() && line.find(") Z ") == std::string::npos;
}

}  // namespace

TEST_SUITE("command") {
    TEST_CASE("its exit code and what it says come back") {
        Running r;
        const file::Ran ran = r.shell("echo out; echo err >&2; exit 3");
        CHECK(ran.code == 3);
        CHECK(ran.output == "out\nerr\n");
        CHECK(r.shell("kill -TERM $$").code == 128 + SIGTERM);
        CHECK(r.shell("read line || echo none").output == "none\n");
    }

    TEST_CASE("it does not get what slotd asks Consul with") {
        Running r;
        for (const char* name : {"CONSUL_HTTP_TOKEN", "CONSUL_HTTP_AUTH", "CONSUL_HTTP_ADDR"})
            ::setenv(name, "given", 1);
        const file::Ran ran = r.shell("env | grep ^CONSUL_; test -n \"$PATH\" && echo path");
        for (const char* name : {"CONSUL_HTTP_TOKEN", "CONSUL_HTTP_AUTH", "CONSUL_HTTP_ADDR"})
            ::unsetenv(name);
        CHECK(ran.output == "CONSUL_HTTP_ADDR=given\npath\n");
    }

    TEST_CASE("it has the usual way with a pipe whose reader ended, whatever slotd's is") {
        Running r;
        const auto before = std::signal(SIGPIPE, SIG_IGN);
        const int code = r.shell("kill -PIPE $$; echo ignored").code;
        std::signal(SIGPIPE, before);
        CHECK(code == 128 + SIGPIPE);
    }

    TEST_CASE("arguments stay as they are: there is no shell") {
        Running r;
        const auto ran = r.run({"printf", "%s|", "a b", "$HOME", "*"});
        REQUIRE(ran);
        CHECK(ran->output == "a b|$HOME|*|");
    }

    TEST_CASE("of much that it says the end is kept") {
        Running r;
        const file::Ran ran =
            r.shell("i=0; while [ $i -lt 20000 ]; do echo 12345; i=$((i+1)); done; echo end");
        CHECK(ran.output.size() <= 64U << 10);
        CHECK(ran.output.ends_with("12345\nend\n"));
    }

    TEST_CASE("one that is not there can't be run") {
        Running r;
        const auto ran = r.run({"/no/such/program", "x"});
        REQUIRE_FALSE(ran);
        CHECK(to_string(ran.error()) ==
              "the command /no/such/program: can't be run: No such file or directory");
    }

    TEST_CASE("past its deadline it is killed, with what it started") {
        const Folder folder;
        Running r;
        const std::string pids = folder / "pids";
        // A loaded machine may take longer than that to get so far.
        for (milliseconds limit = 500ms; !std::filesystem::exists(pids); limit *= 2) {
            REQUIRE(limit < patience);
            const auto ran =
                r.run({"sh", "-c",
                       "sleep 600 & echo $! $$ > \"$0.tmp\"; mv \"$0.tmp\" \"$0\"; wait", pids},
                      limit);
            REQUIRE_FALSE(ran);
            CHECK(to_string(ran.error()) ==
                  "the command sh: did not end within " + std::to_string(limit.count()) + " ms");
        }
        std::istringstream text(slurp(pids));
        pid_t inner = 0;
        pid_t outer = 0;
        text >> inner >> outer;
        REQUIRE(outer > 0);
        CHECK_FALSE(is_running(outer));
        // Whoever is its parent now may take a moment to notice.
        const auto end = std::chrono::steady_clock::now() + patience;
        while (is_alive(inner) && std::chrono::steady_clock::now() < end) run_for(r.io, 1ms);
        CHECK_FALSE(is_alive(inner));
    }

    TEST_CASE("what it leaves running holds nobody up, and has none of slotd's files") {
        Running r;
        const Folder folder;
        const int mine = ::dup(2);
        // Until it is `sleep`, it is a shell that may just be opening its input.
        const file::Ran ran = r.shell(
            "(sleep 600 & echo $!; until grep -q sleep /proc/$!/comm; do :; done; "
            "ls -l /proc/$!/fd | grep -c -e '->') ");
        ::close(mine);
        std::istringstream text(ran.output);
        pid_t left = 0;
        int files = 0;
        text >> left >> files;
        REQUIRE(left > 0);
        CHECK(is_running(left));
        CHECK(files == 3);
        ::kill(left, SIGKILL);
    }
}
