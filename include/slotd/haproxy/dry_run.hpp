// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/haproxy/runtime.hpp"

#include <functional>
#include <memory>

namespace slotd::haproxy {

/// Reads from `real` and sends it nothing that changes anything: `apply` hands each step to `print`
/// and answers `done`, and later reads show the live state as if the steps had been carried out,
/// until HAProxy's process changes.
std::unique_ptr<Runtime> dry_run(std::unique_ptr<Runtime> real,
                                 std::function<void(const model::Step&)> print);

}  // namespace slotd::haproxy
