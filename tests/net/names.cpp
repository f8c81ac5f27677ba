// SPDX-License-Identifier: MIT
#include "names.hpp"

#include <condition_variable>
#include <mutex>
#include <netdb.h>
#include <string_view>

extern "C" {
int __real_getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                       addrinfo** found);
int __wrap_getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                       addrinfo** found);
}

namespace {

std::mutex mutex;
std::condition_variable changed;
bool is_answered = true;
int waiting_now = 0;

}  // namespace

int __wrap_getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                       addrinfo** found) {
    const std::string_view name(host ? host : "");
    if (name == "slow.test") {
        std::unique_lock lock(mutex);
        ++waiting_now;
        changed.wait(lock, [] { return is_answered; });
        --waiting_now;
        changed.notify_all();
    }
    return __real_getaddrinfo(name.ends_with(".test") ? "127.0.0.1" : host, service, hints, found);
}

namespace slotd::testing {

FakeNames::FakeNames() {
    const std::lock_guard lock(mutex);
    is_answered = false;
}

FakeNames::~FakeNames() {
    answer();
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return waiting_now == 0; });
}

void FakeNames::answer() {
    const std::lock_guard lock(mutex);
    is_answered = true;
    changed.notify_all();
}

int FakeNames::waiting() const {
    const std::lock_guard lock(mutex);
    return waiting_now;
}

}  // namespace slotd::testing
