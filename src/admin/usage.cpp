// SPDX-License-Identifier: MIT
#include "slotd/admin/metrics_text.hpp"

#include <cstdio>
#include <ctime>
#include <memory>
#include <unistd.h>

namespace slotd::admin {
namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::uint64_t resident_pages() {
    const std::unique_ptr<std::FILE, Close> file(std::fopen("/proc/self/statm", "re"));
    unsigned long long resident = 0;
    if (!file || std::fscanf(file.get(), "%*s %llu", &resident) != 1)
        return 0;
    return resident;
}

}  // namespace

Usage usage_now() {
    Usage usage;
    timespec cpu{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
        usage.cpu_seconds =
            static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9;
    usage.resident_bytes = resident_pages() * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return usage;
}

}  // namespace slotd::admin
