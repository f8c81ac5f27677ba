// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/listen_address.hpp"
#include "slotd/app/options.hpp"
#include "slotd/model/error.hpp"
#include "slotd/model/result.hpp"

#include <asio/io_context.hpp>

#include <string>
#include <vector>

namespace slotd::app {

inline constexpr const char* default_admin_address = "unix:/run/slotd/admin.sock";

/// Where a running slotd may answer.
struct AdminPlaces {
    std::vector<admin::ListenAddress> addresses;  ///< to be tried in this order; UNIX sockets first
    std::string if_gone;  ///< what to do when there is none at the first of them
};

/// What --admin says, or else `listen` of the configuration, or else the default. A default file
/// that may not be read says nothing: it may hold a token that is not for whoever asks slotd.
struct AdminPlacesReading {
    AdminPlaces places;
    std::vector<model::Error> errors;  ///< with one of them `places` must not be used
};

AdminPlacesReading admin_places(const Options& options, const std::string& default_file);

/// Asks a running slotd. Runs the loop while it waits for an answer.
class AdminAccess {
  public:
    AdminAccess(asio::io_context& io, AdminPlaces places) : io_(io), places_(std::move(places)) {}

    /// The body, from the first address that answers at all. An error says where, and what to do.
    model::Result<std::string> get(const std::string& target) const;
    /// The same of what changes something, which only a UNIX socket takes.
    model::Result<std::string> post(const std::string& target) const;

  private:
    model::Result<std::string> ask(const admin::ListenAddress& at, const std::string& target,
                                   bool is_post) const;
    model::Error unreachable(const admin::ListenAddress& at, const model::Error& error) const;

    asio::io_context& io_;
    AdminPlaces places_;
};

}  // namespace slotd::app
