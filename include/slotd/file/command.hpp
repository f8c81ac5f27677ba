// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace slotd::file {

/// What a command came to.
struct Ran {
    int code = 0;        ///< its exit code, or 128 and the signal that ended it
    std::string output;  ///< both its outputs, the last 64 kB

    Ran() = default;
};

/// Runs a program (looked for in PATH) with nothing to read, in a process group of its own, which
/// is killed when `deadline` is over or the coroutine is cancelled. What the program itself leaves
/// running goes on. It has slotd's environment but for Consul's token and password.
asio::awaitable<model::Result<Ran>> run_command(std::vector<std::string> command,
                                                std::chrono::milliseconds deadline);

}  // namespace slotd::file
