// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <sys/stat.h>

namespace slotd::file {

/// What tells, without reading it, that a file is another one than before.
struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = -1;  ///< -1: there is none
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    Stamp() = default;
    bool operator==(const Stamp&) const = default;

    static Stamp of(const std::string& path) {
        struct stat found {};
        Stamp stamp;
        if (::stat(path.c_str(), &found) != 0)
            return stamp;
        stamp.inode = found.st_ino;
        stamp.size = found.st_size;
        stamp.seconds = found.st_mtim.tv_sec;
        stamp.nanoseconds = found.st_mtim.tv_nsec;
        return stamp;
    }
};

}  // namespace slotd::file
