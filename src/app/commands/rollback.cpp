// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "file_session.hpp"

#include <cstdio>

namespace slotd::app {

int rollback(const Options& options, const Setup& setup) {
    FileSession work(options, setup);
    // First what a killed slotd left undone.
    auto outcome = wait_for(work.io, work.publisher.look());
    if (outcome)
        outcome = wait_for(work.io, work.publisher.roll_back(options.version));
    if (!outcome) {
        print(outcome.error());
        return exit_code(outcome.error());
    }
    const int code = tell(*outcome, setup.file->output, "rollback");
    if (code == 0)
        std::printf("it is pinned: nothing is rendered until `slotd render --unpin`\n");
    return code;
}

}  // namespace slotd::app
