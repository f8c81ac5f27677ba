// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/events_text.hpp"
#include "slotd/admin/parts.hpp"
#include "slotd/admin/request.hpp"
#include "slotd/admin/response.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace slotd::admin {

/// By which way a request came. What changes something is for the UNIX socket, which has an owner
/// and a mode; over TCP anybody on this machine may ask, and any web page in a browser of it.
enum class Way { tcp, unix_socket };

/// The answer is a stream: the events with a number above this one, then those that come.
struct StreamAfter {
    std::uint64_t number;
};

using Answer = std::variant<Response, StreamAfter>;

/// What is there under which path.
class Routes {
  public:
    explicit Routes(Parts parts);

    Answer answer(const Request& request, Way way);

    /// Why slotd is not ready, a line each. Once none was left there never is one again.
    std::vector<std::string> not_ready(const sync::Status& status);

    sync::Events& events() { return *parts_.events; }
    const EventStreamText& stream_text() const { return stream_text_; }

  private:
    struct Route;
    static const std::vector<Route>& table();

    Answer metrics();
    Answer readyz();
    Answer status(const Request& request);
    Answer events_after(const Request& request) const;

    Parts parts_;
    EventStreamText stream_text_;
    bool was_ready_ = false;
    std::shared_ptr<const std::string> metrics_text_;  ///< of the last time
    std::chrono::steady_clock::time_point metrics_good_until_{};
};

}  // namespace slotd::admin
