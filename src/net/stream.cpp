// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"

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

#include <algorithm>
#include <cerrno>
#include <memory>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace slotd::net {
namespace {

using model::Error;
using model::ErrorKind;
using Socket = asio::generic::stream_protocol::socket;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr std::chrono::microseconds gather_time(300);
constexpr std::chrono::milliseconds first_connect_pause(2);
constexpr std::chrono::milliseconds last_connect_pause(50);

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

std::string_view hint_for(int error, const SocketAddress& to) {
    switch (error) {
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

Error broken(const SocketAddress& to, const asio::error_code& error, std::string_view doing) {
    return Error(ErrorKind::unreachable, std::string(doing) + ": " + error.message(),
                 "socket " + to.text(), std::string(hint_for(error.value(), to)));
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

}  // namespace

/// What the asking coroutine shares with the handlers of the write and the deadline, which may run
/// after it ended.
struct Conversation::Connection {
    Socket socket;
    asio::steady_timer deadline;
    unsigned asked = 0;
    bool is_open = false;
    bool timed_out = false;

    explicit Connection(const asio::any_io_executor& executor)
        : socket(executor), deadline(executor) {}

    void close() {
        asio::error_code ignored;
        socket.close(ignored);
        deadline.cancel();
    }

    // A UNIX socket connects at once or not at all.
    bool connect_now(const SocketAddress& to) {
        if (!to.is_unix())
            return false;
        const Endpoint endpoint = asio::local::stream_protocol::endpoint(to.path());
        asio::error_code error;
        socket.open(endpoint.protocol(), error);
        if (!error)
            socket.non_blocking(true, error);
        if (!error)
            socket.connect(endpoint, error);
        is_open = !error;
        asio::error_code ignored;
        if (error)
            socket.close(ignored);
        return is_open;
    }

    static void arm(const std::shared_ptr<Connection>& connection,
                    std::chrono::milliseconds after) {
        connection->deadline.expires_after(after);
        // One that is due already can't be cancelled: it may be of an earlier question.
        const unsigned question = ++connection->asked;
        connection->deadline.async_wait([connection, question](const asio::error_code& error) {
            if (error || question != connection->asked)
                return;
            connection->timed_out = true;
            asio::error_code ignored;
            connection->socket.close(ignored);
        });
    }

    // A UNIX socket whose listen queue is full refuses at once what would wait in silence
    // elsewhere: HAProxy is there, and busy. (Linux: EAGAIN, which asio gives as no_buffer_space.)
    static asio::awaitable<void> open(std::shared_ptr<Connection> connection,
                                      std::vector<Endpoint> endpoints, asio::error_code& error) {
        std::chrono::milliseconds pause = first_connect_pause;
        for (;;) {
            co_await asio::async_connect(connection->socket, endpoints,
                                         asio::redirect_error(asio::use_awaitable, error));
            if (error != asio::error::no_buffer_space || connection->timed_out)
                co_return;
            asio::steady_timer timer(connection->socket.get_executor(), pause);
            co_await timer.async_wait(asio::use_awaitable);
            if (connection->timed_out)
                co_return;
            pause = std::min(pause * 2, last_connect_pause);
        }
    }

    // A failed write shows in the read as well: the peer is gone.
    static void write(const std::shared_ptr<Connection>& connection, std::string request) {
        const auto text = std::make_shared<const std::string>(std::move(request));
        asio::async_write(connection->socket, asio::buffer(*text),
                          [connection, text](const asio::error_code&, std::size_t) {});
    }

    // The deadline closes the socket, with the same error.
    void throw_if_cancelled(const asio::error_code& error) const {
        if (error == asio::error::operation_aborted && !timed_out)
            throw asio::system_error(error);
    }
};

namespace {

/// Disarms the deadline when a question is done, whichever way.
class Disarm {
  public:
    explicit Disarm(asio::steady_timer& timer) : timer_(timer) {}
    ~Disarm() { timer_.cancel(); }
    Disarm(const Disarm&) = delete;
    Disarm& operator=(const Disarm&) = delete;

  private:
    asio::steady_timer& timer_;
};

}  // namespace

Conversation::Conversation(asio::any_io_executor executor, SocketAddress to)
    : to_(std::move(to)), connection_(std::make_shared<Connection>(executor)) {}

Conversation::~Conversation() {
    connection_->close();
}

bool Conversation::begin(std::string request) {
    if (!connection_->is_open && !connection_->connect_now(to_))
        return false;
    Connection::write(connection_, std::move(request));
    return true;
}

asio::awaitable<Exchange> Conversation::ask(std::string request, std::chrono::milliseconds deadline,
                                            std::size_t most, IsWhole is_whole) {
    const std::shared_ptr<Connection> connection = connection_;
    Connection::arm(connection, deadline);
    const Disarm disarm(connection->deadline);

    Exchange result;
    asio::error_code error;
    if (!connection->is_open && !connection->connect_now(to_)) {
        const std::vector<Endpoint> endpoints = co_await resolve(to_, error);
        if (!error && !connection->timed_out)
            co_await Connection::open(connection, endpoints, error);
        connection->throw_if_cancelled(error);
        if (error && !connection->timed_out) {
            result.broken = broken(to_, error, "can't connect");
            co_return result;
        }
        connection->is_open = true;
    }
    const bool many_replies = request.size() > 4096;
    if (!connection->timed_out && !request.empty())
        Connection::write(connection, std::move(request));

    std::size_t filled = 0;
    while (!error && !connection->timed_out) {
        if (filled > most) {
            result.broken = Error(ErrorKind::unreadable,
                                  "the answer is longer than " + std::to_string(most) + " bytes",
                                  "socket " + to_.text());
            break;
        }
        if (result.received.size() - filled < 4096)
            result.received.resize(result.received.size() * 2 + 16'384);
        const std::size_t count = co_await connection->socket.async_read_some(
            asio::buffer(result.received.data() + filled, result.received.size() - filled),
            asio::redirect_error(asio::use_awaitable, error));
        filled += count;
        if (!error && is_whole(std::string_view(result.received.data(), filled)))
            break;
        // HAProxy writes each reply by itself; woken by each, slotd would take the time it needs to
        // carry out the next commands.
        if (!error && many_replies && count < 4096) {
            asio::steady_timer gather(connection->socket.get_executor(), gather_time);
            co_await gather.async_wait(asio::redirect_error(asio::use_awaitable, error));
            connection->throw_if_cancelled(error);
        }
    }
    connection->throw_if_cancelled(error);
    result.received.resize(filled);
    if (connection->timed_out)
        result.broken = Error(ErrorKind::timeout,
                              "no whole answer within " + std::to_string(deadline.count()) + " ms",
                              "socket " + to_.text(),
                              "HAProxy may hang, or all its stats connections are taken");
    else if (error && error != asio::error::eof)
        result.broken = broken(to_, error, "the connection broke");
    co_return result;
}

asio::awaitable<Exchange> exchange(SocketAddress to, std::string request,
                                   std::chrono::milliseconds deadline, std::size_t most) {
    Conversation conversation(co_await asio::this_coro::executor, std::move(to));
    IsWhole at_end = [](std::string_view) { return false; };
    co_return co_await conversation.ask(std::move(request), deadline, most, std::move(at_end));
}

}  // namespace slotd::net
