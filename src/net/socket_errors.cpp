// SPDX-License-Identifier: MIT
#include "socket_errors.hpp"

#include <asio/error.hpp>

#include <cerrno>
#include <sys/stat.h>
#include <utility>

namespace slotd::net {
namespace {

using model::Error;
using model::ErrorKind;

// The system refuses what is no socket in the same words.
std::string_view hint_for_refusal(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || S_ISSOCK(found.st_mode))
        return "nobody listens on this socket file: HAProxy may have stopped";
    return S_ISDIR(found.st_mode) ? "this is a folder: a `stats socket` line of HAProxy's "
                                    "configuration has the path of a socket"
                                  : "this is a file and no socket: a `stats socket` line of "
                                    "HAProxy's configuration has the path of one";
}

std::string_view hint_for(const asio::error_code& error, const SocketAddress& to) {
    // A look-up's errors have numbers of their own.
    if (error.category() == asio::error::get_netdb_category())
        return "is this host name known here? `getent hosts` tells";
    if (error.category() != asio::error::get_system_category())
        return {};
    switch (error.value()) {
        case ENOENT:
            return "is HAProxy running, and is this the path of a `stats socket` line of its "
                   "configuration?";
        case ECONNREFUSED:
            return to.is_unix() ? hint_for_refusal(to.path())
                                : "nobody listens there: is HAProxy running, with a `stats socket` "
                                  "on this address?";
        case EACCES:
        case EPERM:
            return "this user may not open the socket: see mode, user and group of the `stats "
                   "socket` line";
        default:
            return {};
    }
}

}  // namespace

Error broken(const SocketAddress& to, const asio::error_code& error, std::string_view doing) {
    return Error(ErrorKind::unreachable, std::string(doing) + ": " + error.message(),
                 "socket " + to.text(), std::string(hint_for(error, to)));
}

Error too_late(const SocketAddress& to, std::string_view what, std::chrono::milliseconds deadline,
               std::string hint) {
    return Error(ErrorKind::timeout,
                 std::string(what) + " within " + std::to_string(deadline.count()) + " ms",
                 "socket " + to.text(), std::move(hint));
}

}  // namespace slotd::net
