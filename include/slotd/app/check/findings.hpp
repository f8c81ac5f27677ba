// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/check/facts.hpp"
#include "slotd/app/check/finding.hpp"
#include "slotd/app/setup.hpp"

namespace slotd::app {

// What is to be said of what was seen: pure, what is well included. Nothing is said of what could
// not be known, but where that is itself worth saying.

Findings on_configuration(const SetupReading& reading);
Findings on_consul(const ConsulFacts& facts);
Findings on_service(const ServiceFacts& facts);
Findings on_haproxy(const HaproxyFacts& facts);
Findings on_backend(const BackendFacts& facts);
Findings on_state_file(const StateFileFacts& facts);
Findings on_file(const FileFacts& facts);

}  // namespace slotd::app
