// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace slotd::app {

/// Tells the service manager how slotd is (systemd's Type=notify protocol: datagrams to the socket
/// that NOTIFY_SOCKET names). Says nothing where nobody listens.
class Notify {
  public:
    Notify(asio::io_context& io, const Environment& environment);
    Notify(const Notify&) = delete;
    Notify& operator=(const Notify&) = delete;

    /// It runs. From now on the watchdog is fed by the loop itself, so that a loop that stands
    /// still is noticed, and `status` is shown when it changes.
    void ready(std::function<std::string()> status);
    /// It reads its configuration again; `ready` again follows.
    void reloading();
    void stopping();

  private:
    void send(const std::string& text) const;
    void beat();

    std::string socket_;
    std::optional<std::chrono::microseconds> watchdog_;
    asio::steady_timer timer_;
    std::function<std::string()> status_;
    std::string said_;
};

}  // namespace slotd::app
