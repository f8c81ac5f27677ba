// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace slotd::file {

/// While it is held, no other slotd (the daemon, or a command) works on the same managed file. It
/// ends with the object or the process, however that ends.
class Lock {
  public:
    /// Waits up to `patience` for who has it now.
    static asio::awaitable<model::Result<Lock>> take(std::string path,
                                                     std::chrono::milliseconds patience);
    Lock(Lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock();

  private:
    explicit Lock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace slotd::file
