// SPDX-License-Identifier: MIT
#include "file_session.hpp"

#include <cstdio>

namespace slotd::app {

bool is_done(file::Came came) {
    return came == file::Came::unchanged || came == file::Came::placed ||
           came == file::Came::unproven;
}

int tell(const file::Outcome& outcome, const std::string& path, const std::string& cause) {
    const std::string text = to_string(outcome, path, cause);
    if (is_done(outcome.came)) {
        std::printf("%s\n", text.c_str());
        return 0;
    }
    std::fprintf(stderr, "slotd: %s\n", text.c_str());
    return 1;
}

}  // namespace slotd::app
