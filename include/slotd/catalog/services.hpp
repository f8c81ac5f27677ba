// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/listing.hpp"
#include "slotd/model/result.hpp"

#include <string_view>

namespace slotd::catalog {

/// Reads the body of `/v1/catalog/services`: {"web": ["prod", "v2"], ...}.
model::Result<ServiceTags> parse_services(std::string_view body);

}  // namespace slotd::catalog
