// SPDX-License-Identifier: MIT
#include "slotd/file/lock.hpp"

#include "kept_file.hpp"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace slotd::file {
namespace {

constexpr std::chrono::milliseconds look_at_lock_again(20);

}  // namespace

asio::awaitable<model::Result<Lock>> Lock::take(std::string path,
                                                std::chrono::milliseconds patience) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        co_return model::Error(model::ErrorKind::refused,
                               "can't be opened: " + std::generic_category().message(errno), path,
                               whose_folder);
    Lock lock(descriptor);
    const auto end = std::chrono::steady_clock::now() + patience;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (std::chrono::steady_clock::now() >= end)
            co_return model::Error(model::ErrorKind::timeout,
                                   "another slotd works on the managed file", path,
                                   "try again when it is done");
        timer.expires_after(look_at_lock_again);
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return lock;
}

Lock::~Lock() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

}  // namespace slotd::file
