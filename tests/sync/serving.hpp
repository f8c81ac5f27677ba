// SPDX-License-Identifier: MIT
#pragma once

#include "support/daemon.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace slotd::testing {

inline const std::string filled_a =
    "info  web/s1 ready at 10.0.0.1:80, weight 1: a on n1 takes a free slot";

/// With two slots, and a on the first.
struct Serving : Daemon {
    explicit Serving(FakeVersion version = FakeVersion::v2_6) : Daemon(version) {
        haproxy.add_slots("web", 2, "web.service.slots.invalid");
        haproxy.add_server("web", "fixed", "127.0.0.9", 8080);
        haproxy.tick(std::chrono::hours(1));
        list({a});
        start();
        wait_log(filled_a);
    }
    ~Serving() { CHECK(haproxy.violations.empty()); }
};

}  // namespace slotd::testing
