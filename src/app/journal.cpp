// SPDX-License-Identifier: MIT
#include "journal.hpp"

#include <string>
#include <sys/stat.h>

namespace slotd::app {

bool is_journal(const Environment& environment, int descriptor) {
    const auto stream = environment("JOURNAL_STREAM");
    struct stat about {};
    if (!stream || ::fstat(descriptor, &about) != 0)
        return false;
    return *stream == std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
}

}  // namespace slotd::app
