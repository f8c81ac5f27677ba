// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/parts.hpp"
#include "support/log_lines.hpp"
#include "support/status.hpp"

#include <asio/io_context.hpp>

#include <string>
#include <utility>

namespace slotd::testing {

/// What the admin layer shows of a slotd with the backends web and api.
struct Shown {
    sync::Status status = one_haproxy();
    sync::Metrics metrics;
    sync::Events events;
    LogLines log;
    asio::io_context io;
    sync::Pauses pauses{io.get_executor(), {}};

    Shown() {
        status.backends.push_back(idle_backend("web"));
        status.backends.push_back(idle_backend("api"));
    }

    admin::Parts parts() {
        return admin::Parts([this](sync::Detail) { return status; }, &metrics, &events, &pauses, &log.log, true);
    }

    void happen(std::string text) {
        sync::Event event;
        event.text = std::move(text);
        events.add(std::move(event));
    }
};

}  // namespace slotd::testing
