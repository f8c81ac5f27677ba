// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/listen_address.hpp"
#include "slotd/model/result.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/basic_socket_acceptor.hpp>
#include <asio/generic/stream_protocol.hpp>

#include <memory>
#include <sys/types.h>

namespace slotd::admin {

/// An address that is listened on. The file of a UNIX socket goes with the object, unless somebody
/// has put another in its place.
class Listener {
  public:
    using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

    /// A UNIX socket is for its owner and group (mode 0660). The file of one on which nobody listens
    /// any more is replaced; one that is in use, or no socket at all, is an error.
    static model::Result<std::unique_ptr<Listener>> open(const asio::any_io_executor& executor,
                                                         const ListenAddress& address);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    const ListenAddress& address() const { return address_; }
    Acceptor& acceptor() { return acceptor_; }

  private:
    Listener(const asio::any_io_executor& executor, ListenAddress address);

    ListenAddress address_;
    Acceptor acceptor_;
    dev_t device_ = 0;  ///< of the socket's file, when it was made
    ino_t inode_ = 0;
};

}  // namespace slotd::admin
