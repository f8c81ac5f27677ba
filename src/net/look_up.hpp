// SPDX-License-Identifier: MIT
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace slotd::net {

/// The system's look-up of one host name, on a thread of its own: asio has one thread for all, and
/// a name that its server is slow about would hold up every other. The look-up itself can't be
/// ended: who waits for it may leave at any time, and so may the loop; the thread stays until the
/// system gives up, which by its defaults is after half a minute for each domain that it searches.
/// An address in digits takes no thread.
class LookUp {
  public:
    explicit LookUp(const asio::any_io_executor& executor);

    /// Every address of the host. Called once.
    asio::awaitable<std::vector<asio::ip::tcp::endpoint>> run(std::string host, std::uint16_t port,
                                                              asio::error_code& error);
    /// Ends the wait with operation_aborted.
    void leave();

  private:
    struct Answer;
    std::shared_ptr<Answer> start(std::string host, std::uint16_t port, asio::error_code& error);

    asio::posix::stream_descriptor answered_;  ///< at its end once the thread is done
};

}  // namespace slotd::net
