// SPDX-License-Identifier: MIT
#include "session.hpp"

#include "../journal.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace slotd::app {
namespace {

const char* if_journal(const char* priority) {
    return is_journal(process_environment(), STDERR_FILENO) ? priority : "";
}

}  // namespace

Session::Session(const Setup& setup)
    : source(catalog::consul_source(io.get_executor(), setup.http, setup.scope)) {}

void report_token(const Setup& setup, sync::Log& log) {
    if (!setup.token_file)
        return;
    setup.token_file->report([&log](const model::Error& error) { log.warn(to_string(error)); },
                             [&log](const std::string& news) { log.info(news); });
}

void warn(const Setup& setup, sync::Log& log) {
    for (const model::Error& warning : setup.warnings) log.warn(to_string(warning));
}

sync::Clock steady_clock() {
    return [] { return std::chrono::steady_clock::now(); };
}

void print(const model::Error& error) {
    std::fprintf(stderr, "%sslotd: %s\n", if_journal("<3>"), to_string(error).c_str());
}

void print_warning(const model::Error& warning) {
    std::fprintf(stderr, "%sslotd: warning: %s\n", if_journal("<4>"), to_string(warning).c_str());
}

int checked_output(int code) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
    print(model::Error(model::ErrorKind::refused, "the output can't be written"));
    return code == 2 ? 2 : 1;
}

int exit_code(const model::Error& error) {
    switch (error.kind) {
        case model::ErrorKind::usage:
        case model::ErrorKind::config:
            return 2;
        case model::ErrorKind::unreachable:
        case model::ErrorKind::timeout:
        case model::ErrorKind::refused:
        case model::ErrorKind::unreadable:
            return 1;
    }
    return 1;
}

int exit_code(const std::vector<model::Error>& errors) {
    int worst = 1;
    for (const model::Error& error : errors) worst = std::max(worst, exit_code(error));
    return worst;
}

}  // namespace slotd::app
