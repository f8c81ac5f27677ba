// SPDX-License-Identifier: MIT
#pragma once

#include "bare.hpp"

#include <cstdint>
#include <thread>

namespace bench {

/// One HTTP server on every loopback address: each answers with its own address. Runs until the
/// process ends.
class Origin {
  public:
    explicit Origin(std::uint16_t port);

  private:
    Socket listener_;
    std::thread thread_;
};

}  // namespace bench
