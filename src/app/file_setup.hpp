// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/config.hpp"

#include <string>
#include <vector>

namespace slotd::app {

/// Where the managed file's history is.
std::string folder_in(const AdminSettings& admin);

/// Gives the managed file what it has from other sections; `path` is the configuration file's.
/// Returns what is missing or can't be.
std::vector<model::Error> complete(file::Settings& settings, const AdminSettings& admin,
                                   const sync::Settings& work, const std::string& path);

}  // namespace slotd::app
