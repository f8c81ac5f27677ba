// SPDX-License-Identifier: MIT
// An HTTP server that does what a script says, and remembers what it was asked.
#pragma once

#include "support/listener.hpp"

#include <asio/buffer.hpp>
#include <asio/completion_condition.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/write.hpp>

#include <strings.h>

namespace slotd::testing {

enum class Then { keep, close, reset, hang };

/// What the server does about one request.
struct Act {
    std::string bytes;  ///< the response, sent as it is
    Then then = Then::keep;
    std::size_t after_requests = 0;  ///< not before the server has seen so many

    explicit Act(std::string bytes_, Then then_ = Then::keep)
        : bytes(std::move(bytes_)), then(then_) {}
};

/// A whole response. `headers` are lines with their ends.
inline Act respond(int status, const std::string& headers, const std::string& body) {
    return Act("HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

inline Act hang_up(std::string bytes = {}) {
    return Act(std::move(bytes), Then::close);
}

struct SeenRequest {
    std::string target;
    std::string head;  ///< as it came, without its first line
    std::string body;

    SeenRequest(std::string target_, std::string head_, std::string body_)
        : target(std::move(target_)), head(std::move(head_)), body(std::move(body_)) {}

    /// Empty when there is none.
    std::string header(const std::string& name) const {
        for (std::size_t at = 0; at < head.size(); at = head.find("\r\n", at) + 2)
            if (strncasecmp(head.data() + at, (name + ": ").c_str(), name.size() + 2) == 0) {
                const std::size_t begin = at + name.size() + 2;
                return head.substr(begin, head.find("\r\n", begin) - begin);
            }
        return {};
    }
};

/// The acts are used one a request; the last one is repeated.
class HttpServer {
  public:
    HttpServer(asio::io_context& io, std::vector<Act> script, const Endpoint& at = on_loopback())
        : state_(std::make_shared<State>(io, std::move(script))),
          listener_(io, at, [state = state_](std::shared_ptr<Socket> socket) {
              return serve(state, std::move(socket));
          }) {}

    std::uint16_t port() const { return listener_.port(); }
    std::string base() const { return "http://127.0.0.1:" + std::to_string(port()); }
    const std::vector<SeenRequest>& requests() const { return state_->requests; }
    std::size_t connections() const { return listener_.accepted(); }
    std::size_t open_connections() const { return listener_.open(); }

  private:
    struct State {
        std::vector<Act> script;
        std::vector<SeenRequest> requests;
        asio::steady_timer another_request;

        State(asio::io_context& io, std::vector<Act> script_)
            : script(std::move(script_)),
              another_request(io, asio::steady_timer::time_point::max()) {}

        const Act& add(SeenRequest request) {
            requests.push_back(std::move(request));
            another_request.cancel();
            return script[std::min(requests.size(), script.size()) - 1];
        }
    };

    static SeenRequest read_head(const std::string& head) {
        const auto target = head.find(' ') + 1;
        return SeenRequest(head.substr(target, head.find(' ', target) - target),
                           head.substr(head.find("\r\n") + 2), {});
    }

    static asio::awaitable<void> serve(std::shared_ptr<State> state,
                                       std::shared_ptr<Socket> socket) {
        std::string received;
        for (;;) {
            const std::size_t length = co_await asio::async_read_until(
                *socket, asio::dynamic_buffer(received), "\r\n\r\n", asio::use_awaitable);
            SeenRequest request = read_head(received.substr(0, length));
            received.erase(0, length);
            const std::string announced = request.header("Content-Length");
            const std::size_t size = announced.empty() ? 0 : std::stoul(announced);
            if (received.size() < size)
                co_await asio::async_read(*socket, asio::dynamic_buffer(received),
                                          asio::transfer_exactly(size - received.size()),
                                          asio::use_awaitable);
            request.body = received.substr(0, size);
            received.erase(0, size);
            const Act act = state->add(std::move(request));
            asio::error_code woken;
            while (state->requests.size() < act.after_requests)
                co_await state->another_request.async_wait(
                    asio::redirect_error(asio::use_awaitable, woken));
            co_await asio::async_write(*socket, asio::buffer(act.bytes), asio::use_awaitable);
            if (act.then == Then::hang)
                co_await read_to_end(socket);
            if (act.then == Then::reset)
                reset(*socket);
            if (act.then != Then::keep)
                co_return;
        }
    }

    std::shared_ptr<State> state_;
    Listener listener_;
};

}  // namespace slotd::testing
