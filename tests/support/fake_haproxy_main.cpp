// SPDX-License-Identifier: MIT
// The fake as a program, for tests/live/test_fake.py: `fake_haproxy 2.6|3.0` reads a line and
// answers it with its reply and a NUL. "as-user LINE" runs it on a socket of level user, "tick N"
// lets N seconds pass, without a reply.
#include "support/fake_haproxy.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

int main(int count, char** arguments) {
    using slotd::testing::FakeHaproxy;
    using slotd::testing::FakeVersion;
    const std::string version = count == 2 ? arguments[1] : "";
    if (version != "2.6" && version != "3.0") {
        std::cerr << "usage: fake_haproxy 2.6|3.0\n";
        return 2;
    }
    FakeHaproxy haproxy(version == "2.6" ? FakeVersion::v2_6 : FakeVersion::v3_0);
    haproxy.add_slots("web", 3, "web.service.slots.invalid");
    haproxy.add_server("web", "fixed", "127.0.0.9", 8080);
    haproxy.add_slots("hash", 2, "slots.invalid").static_algorithm = true;
    slotd::testing::FakeBackend& heavy = haproxy.add_slots("heavy", 1, "slots.invalid");
    heavy.static_algorithm = true;
    heavy.servers.front().weight = heavy.servers.front().configured_weight = 10;
    haproxy.add_slots("none", 1, "none.invalid").servers.front().takes_address = false;

    std::string line;
    while (std::getline(std::cin, line)) {
        if (line.starts_with("tick ")) {
            haproxy.tick(std::chrono::seconds(std::atol(line.c_str() + 5)));
            continue;
        }
        haproxy.user_level = line.starts_with("as-user ");
        std::cout << haproxy.run(haproxy.user_level ? line.substr(8) : line) << '\0' << std::flush;
        haproxy.settle();
    }
}
