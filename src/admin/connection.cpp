// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include "stream.hpp"

#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <utility>
#include <variant>

namespace slotd::admin {
namespace {

// What a client that is refused may still be sending.
constexpr std::size_t most_ignored = 65'536;

/// Closes when the coroutine ends, whichever way: a handler may hold the connection still.
class Closing {
  public:
    explicit Closing(Connection& connection) : connection_(connection) {}
    ~Closing() { connection_.close(); }
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;

  private:
    Connection& connection_;
};

asio::awaitable<void> read_head(std::shared_ptr<Connection> connection, RequestParser& parser,
                                std::chrono::milliseconds limit) {
    Connection::arm(connection, limit);
    asio::error_code error;
    while (!error && !connection->timed_out && parser.state() == RequestParser::State::more) {
        const std::size_t count = co_await connection->socket.async_read_some(
            asio::buffer(connection->input), asio::redirect_error(asio::use_awaitable, error));
        parser.feed(std::string_view(connection->input.data(), count));
    }
    connection->disarm();
}

// A socket that is closed with input unread is reset, and the client may lose the answer.
asio::awaitable<void> read_to_end(std::shared_ptr<Connection> connection,
                                  std::chrono::milliseconds limit) {
    asio::error_code error;
    connection->socket.shutdown(asio::socket_base::shutdown_send, error);
    Connection::arm(connection, limit);
    std::size_t ignored = 0;
    while (!error && !connection->timed_out && ignored < most_ignored)
        ignored += co_await connection->socket.async_read_some(
            asio::buffer(connection->input), asio::redirect_error(asio::use_awaitable, error));
    connection->disarm();
}

Answer answer_to(const RequestParser& parser, const Connection& connection, Service& service) {
    switch (parser.state()) {
        case RequestParser::State::more:
            return Response(408, "the request did not come in time");
        case RequestParser::State::refused:
            return Response(parser.refusal().status, parser.refusal().why);
        case RequestParser::State::whole:
            break;
    }
    Answer answer = service.routes.answer(parser.request(), connection.way);
    if (std::holds_alternative<StreamAfter>(answer) && service.streams >= service.limits.streams)
        return Response(503, "too many streams are open");
    return answer;
}

}  // namespace

void Connection::arm(const std::shared_ptr<Connection>& connection,
                     std::chrono::milliseconds after) {
    connection->timed_out = false;
    connection->deadline.expires_after(after);
    // One that is due already can't be cancelled: it may be of an earlier wait.
    const unsigned wait = ++connection->armed;
    connection->deadline.async_wait([connection, wait](const asio::error_code& error) {
        if (error || wait != connection->armed)
            return;
        connection->timed_out = true;
        asio::error_code ignored;
        connection->socket.cancel(ignored);
    });
}

void Connection::disarm() {
    ++armed;
    deadline.cancel();
}

void Connection::close() {
    disarm();
    asio::error_code ignored;
    socket.close(ignored);
}

asio::awaitable<bool> send(std::shared_ptr<Connection> connection, std::string head,
                           std::string_view body, std::chrono::milliseconds limit) {
    Connection::arm(connection, limit);
    const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(body)};
    asio::error_code error;
    co_await asio::async_write(connection->socket, both,
                               asio::redirect_error(asio::use_awaitable, error));
    connection->disarm();
    co_return !error;
}

asio::awaitable<void> serve(std::shared_ptr<Connection> connection,
                            std::shared_ptr<Service> service, bool busy) {
    const Closing closing(*connection);
    const Limits& limits = service->limits;
    RequestParser parser;
    Answer answer = Response(503, "too many connections are open");
    if (!busy) {
        co_await read_head(connection, parser, limits.head);
        const bool is_gone =
            parser.state() == RequestParser::State::more && !connection->timed_out;
        if (is_gone || !parser.has_begun())
            co_return;
        answer = answer_to(parser, *connection, *service);
    }
    const bool head_only = parser.request().method == "HEAD";
    if (const auto* after = std::get_if<StreamAfter>(&answer)) {
        co_await stream_events(connection, service, after->number, head_only);
        co_return;
    }
    const Response& response = std::get<Response>(answer);
    std::string head = head_of(response);
    const std::string_view body = head_only ? std::string_view() : response.text();
    const bool sent = co_await send(connection, std::move(head), body, limits.write);
    if (sent)
        co_await read_to_end(connection, limits.linger);
}

}  // namespace slotd::admin
