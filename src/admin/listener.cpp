// SPDX-License-Identifier: MIT
#include "listener.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

#include <cerrno>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace slotd::admin {
namespace {

using model::Error;
using model::ErrorKind;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr mode_t kept_from_others = 0117;

Error failed(const ListenAddress& address, std::string what, std::string hint = {},
             ErrorKind kind = ErrorKind::config) {
    return Error(kind, std::move(what), "[admin] listen \"" + address.text() + "\"",
                 std::move(hint));
}

std::string hint_for(int error, bool is_unix) {
    if (is_unix && error == ENOENT)
        return "slotd makes no folder: create it, or let the service manager (RuntimeDirectory)";
    if (error == EACCES || error == EPERM || error == EROFS)
        return is_unix ? "slotd needs to write to the socket's folder"
                       : "ports below 1024 need a privilege";
    if (error == EADDRINUSE)
        return "another program, or another slotd, listens there";
    return {};
}

Error failed(const ListenAddress& address, const asio::error_code& error) {
    // Another try may do better: a program that ends, a folder that is made.
    return failed(address, "can't listen: " + error.message(),
                  hint_for(error.value(), address.is_unix()), ErrorKind::refused);
}

Endpoint endpoint_of(const ListenAddress& address) {
    if (address.is_unix())
        return asio::local::stream_protocol::endpoint(address.path());
    const model::AddressPort& at = address.at();
    return asio::ip::tcp::endpoint(asio::ip::make_address(to_string(at.address)), at.port.value());
}

// What the connection says of the socket file that is there already; no error: nobody listens.
std::optional<Error> why_in_use(const asio::any_io_executor& executor,
                                const ListenAddress& address) {
    asio::generic::stream_protocol::socket probe(executor);
    const Endpoint at = endpoint_of(address);
    asio::error_code error;
    probe.open(at.protocol(), error);
    // One that hangs must not make this one hang.
    probe.non_blocking(true, error);
    probe.connect(at, error);
    if (error == asio::error::connection_refused)
        return std::nullopt;
    if (error && error != asio::error::would_block && error != asio::error::try_again)
        return failed(address, "the socket that is there can't be tried: " + error.message(),
                      hint_for(error.value(), true));
    return failed(address, "another slotd listens", "stop it, or give this one a socket of its own",
                  ErrorKind::refused);
}

std::optional<Error> make_room(const asio::any_io_executor& executor,
                               const ListenAddress& address) {
    struct stat found {};
    if (::lstat(address.path().c_str(), &found) != 0)
        return std::nullopt;
    if (!S_ISSOCK(found.st_mode))
        return failed(address, "there is a file that is no socket", "remove it, or name another path");
    if (auto in_use = why_in_use(executor, address))
        return in_use;
    if (::unlink(address.path().c_str()) != 0 && errno != ENOENT)
        return failed(address, asio::error_code(errno, asio::error::get_system_category()));
    return std::nullopt;
}

/// While it lives, what is created is for the owner and the group.
class Mask {
  public:
    Mask() : before_(::umask(kept_from_others)) {}
    ~Mask() { ::umask(before_); }
    Mask(const Mask&) = delete;
    Mask& operator=(const Mask&) = delete;

  private:
    mode_t before_;
};

void bind(Listener::Acceptor& acceptor, const Endpoint& at, bool is_unix, asio::error_code& error) {
    if (!is_unix) {
        acceptor.bind(at, error);
        return;
    }
    const Mask mask;
    acceptor.bind(at, error);
}

}  // namespace

Listener::Listener(const asio::any_io_executor& executor, ListenAddress address)
    : address_(std::move(address)), acceptor_(executor) {}

Listener::~Listener() {
    struct stat found {};
    const char* path = address_.path().c_str();
    if (inode_ != 0 && ::lstat(path, &found) == 0 && found.st_ino == inode_ &&
        found.st_dev == device_)
        ::unlink(path);
}

model::Result<std::unique_ptr<Listener>> Listener::open(const asio::any_io_executor& executor,
                                                        const ListenAddress& address) {
    if (address.is_unix())
        if (auto error = make_room(executor, address))
            return *std::move(error);
    std::unique_ptr<Listener> made(new Listener(executor, address));
    Acceptor& acceptor = made->acceptor_;
    const Endpoint at = endpoint_of(address);
    asio::error_code error;
    acceptor.open(at.protocol(), error);
    if (!error && !address.is_unix())
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error)
        bind(acceptor, at, address.is_unix(), error);
    if (error)
        return failed(address, error);
    struct stat file {};
    if (address.is_unix() && ::lstat(address.path().c_str(), &file) == 0) {
        made->device_ = file.st_dev;
        made->inode_ = file.st_ino;
    }
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        return failed(address, error);
    return made;
}

}  // namespace slotd::admin
