// SPDX-License-Identifier: MIT
// A runtime socket in the loop of the test: one that plays a script, or one with a FakeHaproxy
// behind it.
#pragma once

#include "support/fake_haproxy.hpp"
#include "support/listener.hpp"

#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// What the socket does after its answer; `talks` waits for more, until `quit`.
enum class ThenSocket { closes, hangs, talks };

class RuntimeSocket {
  public:
    /// The answer to some lines of a connection.
    using Answer = std::function<std::string(const std::string& request)>;

    RuntimeSocket(asio::io_context& io, Answer answer, ThenSocket then = ThenSocket::closes)
        : state_(std::make_shared<State>(std::move(answer), then)),
          listener_(io, path_.endpoint(), [state = state_](std::shared_ptr<Socket> socket) {
              return serve(state, std::move(socket));
          }) {}

    /// As a real one in `prompt`: each reply ends in a prompt.
    static Answer prompting(FakeHaproxy& haproxy) {
        return [&haproxy](const std::string& request) {
            std::istringstream in(request);
            std::string answer;
            std::string line;
            while (std::getline(in, line)) {
                if (line == "quit")
                    return answer + "\n";
                answer += (line == "prompt" ? "\n" : haproxy.run(line)) + "> ";
            }
            return answer;
        };
    }

    std::string path() const { return path_.text(); }
    /// A request a connection.
    const std::vector<std::string>& requests() const { return state_->requests; }

  private:
    struct State {
        Answer answer;
        ThenSocket then;
        std::vector<std::string> requests;

        State(Answer answer_, ThenSocket then_) : answer(std::move(answer_)), then(then_) {}
    };

    static asio::awaitable<void> serve(std::shared_ptr<State> state,
                                       std::shared_ptr<Socket> socket) {
        const std::size_t connection = state->requests.size();
        state->requests.emplace_back();
        std::string pending;
        for (;;) {
            asio::error_code closed;
            co_await asio::async_read_until(*socket, asio::dynamic_buffer(pending), "\n",
                                            asio::redirect_error(asio::use_awaitable, closed));
            if (closed)
                co_return;
            const std::string request = pending.substr(0, pending.rfind('\n') + 1);
            pending.erase(0, request.size());
            state->requests[connection] += request;
            const std::string answer = state->answer(request);
            co_await asio::async_write(*socket, asio::buffer(answer),
                                       asio::redirect_error(asio::use_awaitable, closed));
            if (closed)
                co_return;
            if (state->then != ThenSocket::talks || request.ends_with("quit\n"))
                break;
        }
        if (state->then == ThenSocket::hangs)
            co_await read_to_end(socket);
    }

    SocketPath path_;
    std::shared_ptr<State> state_;
    Listener listener_;
};

}  // namespace slotd::testing
