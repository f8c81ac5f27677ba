// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/sync/events.hpp"
#include "slotd/sync/log.hpp"
#include "slotd/sync/metrics.hpp"
#include "slotd/sync/pauses.hpp"
#include "slotd/sync/status.hpp"

#include <functional>
#include <utility>

namespace slotd::admin {

/// What is shown and steered; all of it outlives the server and its loop.
struct Parts {
    std::function<sync::Status(sync::Detail)> status;
    const sync::Metrics* metrics;
    sync::Events* events;
    sync::Pauses* pauses;
    sync::Log* log;
    bool keeps_pauses;  ///< over a restart

    Parts(std::function<sync::Status(sync::Detail)> status_, const sync::Metrics* metrics_,
          sync::Events* events_, sync::Pauses* pauses_, sync::Log* log_, bool keeps_pauses_)
        : status(std::move(status_)),
          metrics(metrics_),
          events(events_),
          pauses(pauses_),
          log(log_),
          keeps_pauses(keeps_pauses_) {}
};

}  // namespace slotd::admin
