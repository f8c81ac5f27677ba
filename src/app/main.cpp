// SPDX-License-Identifier: MIT
#include "commands/commands.hpp"
#include "commands/session.hpp"
#include "slotd/app/cli.hpp"
#include "slotd/app/setup.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace slotd::app;

int start(std::vector<std::string> arguments) {
    const auto parsed = parse_command_line(std::move(arguments));
    if (const auto* ending = std::get_if<Ending>(&parsed)) {
        std::fputs(ending->out.c_str(), stdout);
        std::fputs(ending->err.c_str(), stderr);
        return ending->exit_code;
    }
    const Options& options = std::get<Options>(parsed);
    switch (options.command) {
        case CommandName::slots:
            return slots(options);
        case CommandName::status:
            return status(options);
        case CommandName::pause:
            return pause(options);
        case CommandName::resume:
            return resume(options);
        case CommandName::log_level:
            return log_level(options);
        default:
            break;
    }
    SetupReading reading = make_setup(options, process_environment());
    if (options.command == CommandName::check)
        return check(options, reading);
    for (const slotd::model::Error& error : reading.errors) print(error);
    if (!reading.errors.empty())
        return exit_code(reading.errors);
    switch (options.command) {
        case CommandName::plan:
            return plan(options, std::move(reading.setup));
        case CommandName::render:
            return render(options, reading.setup);
        case CommandName::history:
            return history(options, reading.setup);
        case CommandName::rollback:
            return rollback(options, reading.setup);
        default:
            return run(options, std::move(reading.setup));
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return checked_output(start(std::vector<std::string>(argv + 1, argv + argc)));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "slotd: a bug in slotd: %s\n", error.what());
        return 1;
    }
}
