// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/status_text.hpp"
#include "slotd/model/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace slotd::app {

/// Of the status document: how long before `now` a time was; "-" for null.
std::string age(const nlohmann::json& time, model::WallTime now);
/// A text of the document, as carefully as one of Consul's; empty for null.
std::string shown(const nlohmann::json& text);

/// Whether something keeps this backend of the document from being in step.
bool is_well(const nlohmann::json& backend);

/// What there is to say about a backend of the document, a line each; of each list the first `most`.
std::vector<std::string> status_notes(const nlohmann::json& backend, model::WallTime now,
                                      const Colours& colours, std::size_t most);

}  // namespace slotd::app
