// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"

#include "slotd/model/text.hpp"

#include <asio/buffer.hpp>
#include <asio/connect.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/system_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>
#include <vector>

namespace slotd::net {
namespace {

using model::Error;
using model::ErrorKind;
using Socket = asio::generic::stream_protocol::socket;
using Endpoint = asio::generic::stream_protocol::endpoint;

Error bad_address(const std::string& printable, std::string what) {
    return Error(ErrorKind::usage, std::move(what), "socket " + printable,
                 "write a path (/run/haproxy/admin.sock) or tcp://HOST:PORT");
}

std::string_view hint_for(int error, bool is_unix) {
    switch (error) {
        case ENOENT:
            return "is HAProxy running, and is this the path of a `stats socket` line of its "
                   "configuration?";
        case ECONNREFUSED:
            return is_unix ? "nobody listens on this socket file: HAProxy may have stopped"
                           : "nobody listens there: is HAProxy running, with a `stats socket` on "
                             "this address?";
        case EACCES:
        case EPERM:
            return "this user may not open the socket: see mode, user and group of the `stats "
                   "socket` line";
        default:
            return {};
    }
}

Error broken(const SocketAddress& to, const asio::error_code& error, std::string_view doing) {
    return Error(ErrorKind::unreachable, std::string(doing) + ": " + error.message(),
                 "socket " + to.text(), std::string(hint_for(error.value(), to.is_unix())));
}

/// What the reading coroutine shares with the handlers of the write and the deadline, which may run
/// after it ended.
struct Connection {
    Socket socket;
    asio::steady_timer deadline;
    std::string request;
    bool timed_out = false;

    Connection(const asio::any_io_executor& executor, std::string request_)
        : socket(executor), deadline(executor), request(std::move(request_)) {}

    void close() {
        asio::error_code ignored;
        socket.close(ignored);
        deadline.cancel();
    }
};

/// Closes with the coroutine, whichever way it ends.
class Closer {
  public:
    explicit Closer(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
    ~Closer() { connection_->close(); }
    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;

  private:
    std::shared_ptr<Connection> connection_;
};

void arm_deadline(const std::shared_ptr<Connection>& connection, std::chrono::milliseconds after) {
    connection->deadline.expires_after(after);
    connection->deadline.async_wait([connection](const asio::error_code& error) {
        if (error)
            return;
        connection->timed_out = true;
        asio::error_code ignored;
        connection->socket.close(ignored);
    });
}

// A failed write shows in the read as well: the peer is gone.
void start_write(const std::shared_ptr<Connection>& connection) {
    asio::async_write(connection->socket, asio::buffer(connection->request),
                      [connection](const asio::error_code&, std::size_t) {});
}

// A name may have addresses on which nobody listens: localhost is often ::1 too.
asio::awaitable<std::vector<Endpoint>> resolve(SocketAddress to, asio::error_code& error) {
    std::vector<Endpoint> endpoints;
    if (to.is_unix()) {
        endpoints.emplace_back(asio::local::stream_protocol::endpoint(to.path()));
        co_return endpoints;
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto address = asio::ip::make_address(to.host(), error);
    if (!error) {
        endpoints.emplace_back(asio::ip::tcp::endpoint(address, to.port()));
        co_return endpoints;
    }
    error.clear();
    asio::ip::tcp::resolver resolver(executor);
    const auto found = co_await resolver.async_resolve(
        to.host(), std::to_string(to.port()), asio::redirect_error(asio::use_awaitable, error));
    for (const auto& entry : found) endpoints.emplace_back(entry.endpoint());
    co_return endpoints;
}

// The deadline closes the socket, with the same error.
void throw_if_cancelled(const Connection& connection, const asio::error_code& error) {
    if (error == asio::error::operation_aborted && !connection.timed_out)
        throw asio::system_error(error);
}

}  // namespace

model::Result<SocketAddress> SocketAddress::parse(std::string_view text) {
    SocketAddress made;
    made.text_ = model::printable(text, 300);
    if (text.find('\0') != std::string_view::npos)
        return bad_address(made.text_, "a socket's address holds no NUL");
    if (text.starts_with("unix://"))
        text.remove_prefix(7);
    if (!text.starts_with("tcp://")) {
        if (text.empty() || text.front() != '/')
            return bad_address(made.text_, "this is no absolute path");
        if (text.size() > 107)
            return bad_address(made.text_, "the path of a UNIX socket has at most 107 characters");
        made.host_ = text;
        return made;
    }
    text.remove_prefix(6);
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon == std::string_view::npos || colon == 0)
        return bad_address(made.text_, "a host and a port are needed");
    const std::string_view digits = text.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || port < 1 ||
        port > 65535)
        return bad_address(made.text_, "the port is not between 1 and 65535");
    std::string_view host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return bad_address(made.text_, "an IPv6 address stands in brackets");
    if (host.empty())
        return bad_address(made.text_, "a host and a port are needed");
    made.host_ = host;
    made.port_ = static_cast<std::uint16_t>(port);
    return made;
}

asio::awaitable<Exchange> exchange(SocketAddress to, std::string request,
                                   std::chrono::milliseconds deadline, std::size_t most) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto connection = std::make_shared<Connection>(executor, std::move(request));
    const Closer closer(connection);
    arm_deadline(connection, deadline);

    Exchange result;
    asio::error_code error;
    const std::vector<Endpoint> endpoints = co_await resolve(to, error);
    if (!error && !connection->timed_out)
        co_await asio::async_connect(connection->socket, endpoints,
                                     asio::redirect_error(asio::use_awaitable, error));
    throw_if_cancelled(*connection, error);
    if (error && !connection->timed_out) {
        result.broken = broken(to, error, "can't connect");
        co_return result;
    }
    if (!connection->timed_out)
        start_write(connection);

    std::size_t filled = 0;
    while (!error && !connection->timed_out) {
        if (filled > most) {
            result.broken = Error(ErrorKind::unreadable,
                                  "the answer is longer than " + std::to_string(most) + " bytes",
                                  "socket " + to.text());
            break;
        }
        if (result.received.size() - filled < 4096)
            result.received.resize(result.received.size() * 2 + 16'384);
        filled += co_await connection->socket.async_read_some(
            asio::buffer(result.received.data() + filled, result.received.size() - filled),
            asio::redirect_error(asio::use_awaitable, error));
    }
    throw_if_cancelled(*connection, error);
    result.received.resize(filled);
    if (connection->timed_out)
        result.broken = Error(ErrorKind::timeout,
                              "no whole answer within " + std::to_string(deadline.count()) + " ms",
                              "socket " + to.text(),
                              "HAProxy may hang, or all its stats connections are taken");
    else if (error && error != asio::error::eof)
        result.broken = broken(to, error, "the connection broke");
    co_return result;
}

}  // namespace slotd::net
