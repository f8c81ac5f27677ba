// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"

#include "look_up.hpp"
#include "socket_errors.hpp"

#include <asio/buffer.hpp>
#include <asio/connect.hpp>
#include <asio/generic/stream_protocol.hpp>
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
#include <optional>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace slotd::net {
namespace {

using model::Error;
using model::ErrorKind;
using Socket = asio::generic::stream_protocol::socket;
using Endpoint = asio::generic::stream_protocol::endpoint;
using Clock = asio::steady_timer::clock_type;

// Nearly all answers are about one backend.
constexpr std::size_t first_room = 4096;
constexpr std::size_t least_room = 1024;
constexpr std::chrono::microseconds gather_time(300);
// A longer request has so many replies that they are gathered, while they come in small pieces.
constexpr std::size_t many_replies_from = 4096;
constexpr std::size_t small_piece = 4096;
// A HAProxy on this machine answers a round's question in less time than it takes to fall asleep,
// to be woken and to find the way back here. So long it is looked for, and the processor is its
// own.
constexpr std::chrono::microseconds awake_time(300);
// After so many looks that found nothing the peer takes its time: it is waited for.
constexpr int most_vain_looks = 10;
constexpr std::chrono::milliseconds first_connect_pause(2);
constexpr std::chrono::milliseconds last_connect_pause(50);

}  // namespace

/// What the asking coroutine shares with the handlers of the write and the deadline, which may run
/// after it ended.
struct Conversation::Connection {
    Socket socket;
    std::optional<LookUp> look_up;  ///< while one is under way
    asio::steady_timer deadline;
    unsigned asked = 0;
    int muted = -1;  ///< the descriptor, while the loop does not look at it
    bool is_open = false;
    bool timed_out = false;

    explicit Connection(const asio::any_io_executor& executor)
        : socket(executor), deadline(executor) {}

    void stop() {
        asio::error_code ignored;
        socket.close(ignored);
        if (look_up)
            look_up->leave();
    }

    void close() {
        stop();
        deadline.cancel();
    }

    void open_unix(asio::error_code& error) {
        if (socket.is_open())
            return;
        socket.open(asio::local::stream_protocol(), error);
        if (!error)
            socket.non_blocking(true, error);
    }

    // A UNIX socket connects at once or not at all.
    bool connect_now(const SocketAddress& to) {
        if (!to.is_unix())
            return false;
        asio::error_code error;
        open_unix(error);
        if (!error)
            socket.connect(asio::local::stream_protocol::endpoint(to.path()), error);
        is_open = !error;
        asio::error_code ignored;
        if (error)
            socket.close(ignored);
        return is_open;
    }

    static void arm(const std::shared_ptr<Connection>& connection, Clock::time_point at) {
        connection->deadline.expires_at(at);
        // One that is due already can't be cancelled: its question may be over.
        const unsigned question = connection->asked;
        connection->deadline.async_wait([connection, question](const asio::error_code& error) {
            if (error || question != connection->asked)
                return;
            connection->timed_out = true;
            connection->stop();
        });
    }

    // A name may have addresses on which nobody listens: localhost is often ::1 too.
    static asio::awaitable<std::vector<Endpoint>> resolve(std::shared_ptr<Connection> connection,
                                                          SocketAddress to,
                                                          asio::error_code& error) {
        std::vector<Endpoint> endpoints;
        if (to.is_unix()) {
            endpoints.emplace_back(asio::local::stream_protocol::endpoint(to.path()));
            co_return endpoints;
        }
        connection->look_up.emplace(connection->socket.get_executor());
        const auto found = co_await connection->look_up->run(to.host(), to.port(), error);
        connection->look_up.reset();
        endpoints.assign(found.begin(), found.end());
        co_return endpoints;
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

    // A failed write shows in the read as well: the peer is gone. What the system takes at once,
    // nearly always all (then true), costs no turn of the loop.
    static bool write(const std::shared_ptr<Connection>& connection, std::string request) {
        if (connection->socket.non_blocking()) {
            asio::error_code ignored;
            const std::size_t sent = connection->socket.write_some(asio::buffer(request), ignored);
            if (sent == request.size())
                return true;
            request.erase(0, sent);
        }
        const auto text = std::make_shared<const std::string>(std::move(request));
        asio::async_write(connection->socket, asio::buffer(*text),
                          [connection, text](const asio::error_code&, std::size_t) {});
        return false;
    }

    // What is there already costs no turn of the loop.
    std::size_t read_now(const asio::mutable_buffer& to, asio::error_code& error) {
        error = asio::error::would_block;
        if (muted < 0)
            return socket.non_blocking() ? socket.read_some(to, error) : 0;
        ssize_t count = -1;
        do count = recv(muted, to.data(), to.size(), 0);
        while (count < 0 && errno == EINTR);
        error = count < 0    ? asio::error_code(errno, asio::error::get_system_category())
                : count == 0 ? asio::error_code(asio::error::eof)
                             : asio::error_code();
        return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }

    /// HAProxy writes each reply by itself, and asio watches a socket even while nobody reads from
    /// it: woken by each, slotd would take the time that HAProxy needs to carry out the next
    /// commands, and HAProxy would take longer to write. While this lives nobody is woken.
    class Mute {
      public:
        explicit Mute(Connection& connection) : connection_(connection) {
            asio::error_code ignored;
            connection_.muted = connection_.socket.release(ignored);
        }
        ~Mute() {
            asio::error_code error;
            connection_.socket.assign(asio::local::stream_protocol(), connection_.muted, error);
            if (error)
                ::close(connection_.muted);
            else
                connection_.socket.non_blocking(true, error);
            connection_.is_open = !error;
            connection_.muted = -1;
        }
        Mute(const Mute&) = delete;
        Mute& operator=(const Mute&) = delete;

      private:
        Connection& connection_;
    };

    /// Of one question: armed when it is first waited for, disarmed when it is done, whichever way.
    class Deadline {
      public:
        Deadline(std::shared_ptr<Connection> connection, std::chrono::milliseconds after)
            : connection_(std::move(connection)), at_(Clock::now() + after) {}
        ~Deadline() {
            if (!armed_)
                return;
            ++connection_->asked;
            connection_->deadline.cancel();
        }
        Deadline(const Deadline&) = delete;
        Deadline& operator=(const Deadline&) = delete;

        void arm() {
            if (!std::exchange(armed_, true))
                Connection::arm(connection_, at_);
        }

      private:
        std::shared_ptr<Connection> connection_;
        Clock::time_point at_;
        bool armed_ = false;
    };

    // The deadline closes the socket, with the same error.
    void throw_if_cancelled(const asio::error_code& error) const {
        if (error == asio::error::operation_aborted && !timed_out)
            throw asio::system_error(error);
    }
};

Conversation::Conversation(asio::any_io_executor executor, SocketAddress to)
    : to_(std::move(to)), connection_(std::make_shared<Connection>(executor)) {}

Conversation::~Conversation() {
    connection_->close();
}

void Conversation::get_ready() {
    asio::error_code ignored;
    if (to_.is_unix())
        connection_->open_unix(ignored);
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
    Connection::Deadline until(connection, deadline);

    Exchange result;
    asio::error_code error;
    if (!connection->is_open && !connection->connect_now(to_)) {
        until.arm();
        const std::vector<Endpoint> endpoints =
            co_await Connection::resolve(connection, to_, error);
        if (connection->timed_out) {
            result.broken = too_late(to_, "its host name was not looked up", deadline,
                                     "the name servers of /etc/resolv.conf are slow or silent; an "
                                     "address in digits needs none");
            co_return result;
        }
        if (!error)
            co_await Connection::open(connection, endpoints, error);
        connection->throw_if_cancelled(error);
        if (error && !connection->timed_out) {
            result.broken = broken(
                to_, error, endpoints.empty() ? "can't look its host name up" : "can't connect");
            co_return result;
        }
        connection->is_open = true;
    }
    const bool many_replies = request.size() > many_replies_from;
    bool written = request.empty();
    if (!connection->timed_out && !written)
        written = Connection::write(connection, std::move(request));
    std::optional<Connection::Mute> mute;
    if (many_replies && written && connection->socket.non_blocking())
        mute.emplace(*connection);

    std::size_t filled = 0;
    int vain_looks = 0;
    const bool is_near = to_.is_unix() && !many_replies && connection->socket.non_blocking();
    const auto awake_until = is_near ? Clock::now() + awake_time : Clock::time_point::min();
    while (!error && !connection->timed_out) {
        if (filled > most) {
            result.broken = Error(ErrorKind::unreadable,
                                  "the answer is longer than " + std::to_string(most) + " bytes",
                                  "socket " + to_.text());
            break;
        }
        if (result.received.size() - filled < least_room)
            result.received.resize(result.received.size() * 2 + first_room);
        const auto room =
            asio::buffer(result.received.data() + filled, result.received.size() - filled);
        std::size_t count = connection->read_now(room, error);
        const bool is_drained = error == asio::error::would_block;
        if (is_drained)
            error.clear();
        if (is_drained && Clock::now() < awake_until) {
            sched_yield();
            continue;
        }
        if (is_drained && ++vain_looks > most_vain_looks)
            mute.reset();
        // What is answered already needs no deadline.
        if (is_drained)
            until.arm();
        if (is_drained && !mute)
            count = co_await connection->socket.async_read_some(
                room, asio::redirect_error(asio::use_awaitable, error));
        if (count > 0)
            vain_looks = 0;
        filled += count;
        if (!error && count > 0 && is_whole(std::string_view(result.received.data(), filled)))
            break;
        // Muted, all that is there is read first.
        const bool is_small = count < std::min(small_piece, room.size());
        if (!error && many_replies && (mute ? is_drained : is_small)) {
            until.arm();  // one that dribbles is never drained
            asio::steady_timer gather(connection->socket.get_executor(), gather_time);
            co_await gather.async_wait(asio::redirect_error(asio::use_awaitable, error));
            connection->throw_if_cancelled(error);
        }
    }
    connection->throw_if_cancelled(error);
    result.received.resize(filled);
    if (connection->timed_out)
        result.broken = too_late(to_, "no whole answer", deadline,
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
