// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/result.hpp"
#include "slotd/sync/clock.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/settings.hpp"
#include "slotd/sync/survey.hpp"

#include <asio/awaitable.hpp>

#include <string>

namespace slotd::sync {

/// One full round over every backend of one HAProxy: what is sent, and what is held or waits, goes
/// to `log`; `name` is the socket as the operator wrote it. Paused backends are left alone. True
/// when all that was to be done was done. An error when HAProxy can't be read.
asio::awaitable<model::Result<bool>> run_once(haproxy::Runtime& runtime, catalog::Source& source,
                                              const Settings& settings, const Pauses& pauses,
                                              Clock clock, Log& log, std::string name);

/// A hold that somebody has to mend: Consul could not be asked, or did not answer well.
bool is_failure(const model::Unknown& held);

/// Nothing in the survey has to be mended.
bool is_well(const Survey& survey);

}  // namespace slotd::sync
