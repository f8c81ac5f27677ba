// SPDX-License-Identifier: MIT
// The state file: tests/live/test_state_file.py reloads real HAProxys with it.
#include "slotd/sync/file.hpp"
#include "support/daemon.hpp"
#include "support/temporary_folder.hpp"

#include <asio/post.hpp>
#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

struct KeptFile : TemporaryFolder, Daemon {
    const std::string path = file("state");

    KeptFile() {
        settings.state_file = path;
        settings.poll = 1h;
        haproxy.add_slots("web", 2, "web.service.slots.invalid");
        list({a});
        start();
        wait([&] { return shows(path, " 10.0.0.1 "); });
    }

    static bool shows(const std::string& file, const std::string& part) {
        const auto text = sync::read_file(file);
        return text && text->find(part) != std::string::npos;
    }

    /// The settings name another file while HAProxy is asked for what to write.
    void change_while_asking(const std::string& other) {
        bool is_changed = false;
        runtime->after_read = [&, other] {
            if (ready().size() < 2 || std::exchange(is_changed, true))
                return;
            asio::post(io, [this, other] {
                settings.state_file = other;
                take_settings();
            });
        };
        list({a, b});
        wait([&] { return is_changed; });
        wait_reads(1);
        runtime->after_read = nullptr;
    }
};

}  // namespace

TEST_SUITE("state file") {
    TEST_CASE("a path that is taken out of the settings is not written to any more") {
        KeptFile daemon;
        daemon.change_while_asking("");
        CHECK(daemon.lines_of("error").empty());
        CHECK_FALSE(KeptFile::shows(daemon.path, " 10.0.0.2 "));
    }

    TEST_CASE("a path that takes its place is written to instead") {
        KeptFile daemon;
        const std::string other = daemon.file("other");
        daemon.change_while_asking(other);
        daemon.wait([&] { return KeptFile::shows(other, " 10.0.0.2 "); });
        CHECK_FALSE(KeptFile::shows(daemon.path, " 10.0.0.2 "));
    }
}
