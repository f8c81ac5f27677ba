// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/status.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace slotd::admin {

/// The document of /v1/status and of `slotd status --format json`. Its keys are stable: new ones may
/// come, none changes or goes. `not_ready` is empty when slotd is ready; with a `backend` the
/// others are left out.
std::string status_json(const sync::Status& status, const std::vector<std::string>& not_ready,
                        std::string_view backend = {});

}  // namespace slotd::admin
