// SPDX-License-Identifier: MIT
#include "scrape.hpp"

#include "bare.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <poll.h>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

// The end of what is there to be seen: a body that is cut short has none.
constexpr std::string_view last_metric = "process_resident_memory_bytes ";

void scrape_once(std::uint16_t port) {
    const HttpAnswer answer = HttpConnection(port).get("/metrics");
    if (answer.status != 200 || answer.body.rfind(last_metric) == std::string::npos)
        throw std::runtime_error("/metrics answers " + std::to_string(answer.status) + ": " +
                                 answer.body.substr(0, 200));
}

/// False when standard input ended before that.
bool wait_until(Clock::time_point time) {
    const auto left =
        std::max(Clock::duration::zero(), time - Clock::now()) / std::chrono::nanoseconds(1);
    const timespec limit{static_cast<time_t>(left / 1'000'000'000), left % 1'000'000'000};
    pollfd input{0, POLLIN, 0};
    return ppoll(&input, 1, &limit, nullptr) == 0;
}

}  // namespace

double scrape(std::uint16_t port, std::uint64_t a_second) {
    const std::chrono::nanoseconds pace(1'000'000'000 / a_second);
    const Clock::time_point began = Clock::now();
    std::uint64_t count = 0;
    while (wait_until(began + pace * count)) {
        scrape_once(port);
        if (++count == 1) {
            std::puts("scraping");
            std::fflush(stdout);
        }
    }
    return static_cast<double>(count) /
           std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace bench
