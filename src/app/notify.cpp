// SPDX-License-Identifier: MIT
#include "notify.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace slotd::app {
namespace {

using std::chrono::microseconds;

constexpr microseconds status_pause = std::chrono::seconds(5);

// WATCHDOG_PID, where it is set, says whose the watchdog is.
std::optional<microseconds> watchdog_of(const Environment& environment) {
    const auto pid = environment("WATCHDOG_PID");
    if (pid && *pid != std::to_string(::getpid()))
        return std::nullopt;
    const std::string text = environment("WATCHDOG_USEC").value_or(std::string());
    std::int64_t count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || count <= 0)
        return std::nullopt;
    return microseconds(count);
}

std::string monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::to_string(now.tv_sec * 1'000'000LL + now.tv_nsec / 1000);
}

}  // namespace

Notify::Notify(asio::io_context& io, const Environment& environment)
    : socket_(environment("NOTIFY_SOCKET").value_or(std::string())),
      watchdog_(watchdog_of(environment)),
      timer_(io) {}

void Notify::ready(std::function<std::string()> status) {
    if (socket_.empty())
        return;
    status_ = std::move(status);
    said_ = status_();
    send("READY=1\nSTATUS=" + said_);
    beat();
}

void Notify::reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_microseconds());
}

void Notify::stopping() {
    send("STOPPING=1");
}

void Notify::beat() {
    // Half of the watchdog's time, as systemd recommends.
    const microseconds pause = watchdog_ ? std::min(*watchdog_ / 2, status_pause) : status_pause;
    timer_.expires_after(pause);
    timer_.async_wait([this](const asio::error_code& error) {
        if (error)
            return;
        std::string text = watchdog_ ? "WATCHDOG=1" : "";
        if (std::string status = status_(); status != said_) {
            said_ = std::move(status);
            text += (text.empty() ? "STATUS=" : "\nSTATUS=") + said_;
        }
        if (!text.empty())
            send(text);
        beat();
    });
}

// A manager that does not listen is none of slotd's business: errors are left alone.
void Notify::send(const std::string& text) const {
    sockaddr_un to{};
    if (socket_.empty() || socket_.size() >= sizeof(to.sun_path))
        return;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, socket_.data(), socket_.size());
    // "@..." is a name in the abstract name space, which begins with a NUL.
    if (socket_.front() == '@')
        to.sun_path[0] = '\0';
    const int file = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0)
        return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    (void)::sendto(file, text.data(), text.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&to), size);
    ::close(file);
}

}  // namespace slotd::app
