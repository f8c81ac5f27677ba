// SPDX-License-Identifier: MIT
#pragma once

#include "session.hpp"
#include "slotd/file/control.hpp"
#include "slotd/file/publish.hpp"
#include "slotd/haproxy/runtime.hpp"

#include <memory>
#include <string>

namespace slotd::app {

/// What the commands that change the managed file work with.
struct FileSession {
    asio::io_context io{1};
    sync::Log log;
    std::unique_ptr<file::Control> control;
    file::Publisher publisher;

    /// `setup` outlives it, and has a managed file.
    FileSession(const Options& options, const Setup& setup)
        : log(options.log_level, options.log_format),
          control(file::haproxy_control(
              *setup.file, haproxy::socket_runtime(io.get_executor(), setup.work.sockets.front()))),
          publisher(*setup.file, *control, log, [] { return std::chrono::system_clock::now(); }) {}
};

/// Whether the file is what it is to be.
bool is_done(file::Came came);

/// Prints what became of it, and returns the exit code.
int tell(const file::Outcome& outcome, const std::string& path, const std::string& cause);

}  // namespace slotd::app
