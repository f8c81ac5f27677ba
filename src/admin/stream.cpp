// SPDX-License-Identifier: MIT
#include "stream.hpp"

#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <utility>
#include <vector>

namespace slotd::admin {
namespace {

// How long a browser waits before it connects again.
constexpr const char* preamble = "retry: 2000\n\n";
// What a client that does not read can make slotd and the system hold.
constexpr int send_buffer = 65'536;

/// One more stream, while it lives.
class Counted {
  public:
    explicit Counted(std::size_t& count) : count_(++count) {}
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

  private:
    std::size_t& count_;
};

/// Ends the wait for the next event.
struct Wake {
    asio::steady_timer timer;
    bool is_gone = false;  ///< the client

    explicit Wake(const asio::any_io_executor& executor) : timer(executor) {}
};

Response stream_response() {
    Response response;
    response.type = "text/event-stream";
    response.is_stream = true;
    return response;
}

// A client of a stream has nothing more to say: whatever comes from it is its end.
void watch_for_end(const std::shared_ptr<Connection>& connection,
                   const std::shared_ptr<Wake>& wake) {
    connection->socket.async_read_some(
        asio::buffer(connection->input),
        [connection, wake](const asio::error_code&, std::size_t) {
            wake->is_gone = true;
            wake->timer.cancel();
        });
}

// What came after `number`, which is moved on; empty when nothing did.
std::string next_messages(Routes& routes, std::uint64_t& number) {
    constexpr std::size_t all = 1'000'000;
    std::string text;
    for (const sync::Event& event : routes.events().since(number, all)) {
        if (event.number != number + 1 && number != 0)
            text += EventStreamText::missed(event.number - number - 1);
        text += routes.stream_text().message(event);
        number = event.number;
    }
    return text;
}

}  // namespace

asio::awaitable<void> stream_events(std::shared_ptr<Connection> connection,
                                    std::shared_ptr<Service> service, std::uint64_t after,
                                    bool head_only) {
    const Counted counted(service->streams);
    const std::chrono::milliseconds limit = service->limits.write;
    asio::error_code error;
    connection->socket.set_option(asio::socket_base::send_buffer_size(send_buffer), error);
    std::string head = head_of(stream_response());
    std::string text = head_only ? "" : preamble;
    bool sent = co_await send(connection, std::move(head), text, limit);
    if (!sent || head_only)
        co_return;

    const auto wake = std::make_shared<Wake>(connection->socket.get_executor());
    const sync::Events::Listener listener =
        service->routes.events().listen([wake] { wake->timer.cancel(); });
    watch_for_end(connection, wake);
    std::uint64_t number = after;
    while (sent && !wake->is_gone) {
        text = next_messages(service->routes, number);
        if (text.empty()) {
            wake->timer.expires_after(service->limits.heartbeat);
            co_await wake->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
            if (error)
                continue;
            text = EventStreamText::heartbeat();
        }
        sent = co_await send(connection, std::string(), text, limit);
    }
}

}  // namespace slotd::admin
