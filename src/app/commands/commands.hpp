// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/options.hpp"
#include "slotd/app/setup.hpp"

namespace slotd::app {

// A file for each command; what they return is the exit code.
int run(const Options& options, Setup setup);
int plan(const Options& options, Setup setup);
/// Says the faults of the reading too.
int check(const Options& options, const SetupReading& reading);
int slots(const Options& options);
int render(const Options& options, const Setup& setup);
int history(const Options& options, const Setup& setup);
int rollback(const Options& options, const Setup& setup);
int status(const Options& options);
int pause(const Options& options);
int resume(const Options& options);
int log_level(const Options& options);

}  // namespace slotd::app
