// SPDX-License-Identifier: MIT
#include "memory.hpp"

#include "slotd/sync/file.hpp"

#include <charconv>
#include <cstdint>
#include <malloc.h>
#include <string_view>
#include <sys/mman.h>

namespace slotd::app {
namespace {

/// "55d0c8a00000-55d0c8b00000 r-xp 00001000 fe:00 123 /usr/bin/slotd": code of a file, which nobody
/// ever writes to. (Other mappings that can't be written hold what the loader wrote there before.)
void let_go_of_code(std::string_view line) {
    if (line.find(" r-xp ") == std::string_view::npos || line.find(" /") == std::string_view::npos)
        return;
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    const char* const last = line.data() + line.size();
    const auto first = std::from_chars(line.data(), last, begin, 16);
    if (first.ec != std::errc() || first.ptr == last || *first.ptr != '-')
        return;
    if (std::from_chars(first.ptr + 1, last, end, 16).ec != std::errc() || end <= begin)
        return;
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace

// A list of thousands passes through buffers of megabytes. Once one was given back, glibc would
// keep as much for the next.
void keep_no_large_buffers() {
#ifdef __GLIBC__
    constexpr int large = 256 << 10;
    mallopt(M_MMAP_THRESHOLD, large);
    mallopt(M_TRIM_THRESHOLD, large);
#endif
}

// The command line, TOML, the checks of both and the loading of 40 libraries leave 5 MB of code
// resident: of a file the system brings in 16 pages around each that runs.
void give_back_start() {
    const auto maps = sync::read_file("/proc/self/maps");
    if (!maps)
        return;
    for (std::string_view rest = *maps; !rest.empty();) {
        const auto end = rest.find('\n');
        let_go_of_code(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

}  // namespace slotd::app
