// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <cstdio>

namespace slotd::app {

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
    std::fprintf(stderr, "slotd: %s\n", to_string(error).c_str());
}

void print_warning(const model::Error& warning) {
    std::fprintf(stderr, "slotd: warning: %s\n", to_string(warning).c_str());
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

}  // namespace slotd::app
