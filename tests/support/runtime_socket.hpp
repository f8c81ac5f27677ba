// SPDX-License-Identifier: MIT
// A runtime socket in the loop of the test: one that plays a script, or one with a FakeHaproxy
// behind it.
#pragma once

#include "support/fake_haproxy.hpp"
#include "support/listener.hpp"

#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// What the socket does after its answer.
enum class ThenSocket { closes, hangs };

class RuntimeSocket {
  public:
    /// The answer to all that one connection sends, up to `quit`.
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
            while (std::getline(in, line) && line != "quit")
                answer += (line == "prompt" ? "\n" : haproxy.run(line)) + "> ";
            return answer + "\n";
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
        std::string request;
        co_await asio::async_read_until(*socket, asio::dynamic_buffer(request), "quit\n",
                                        asio::use_awaitable);
        state->requests.push_back(request);
        const std::string answer = state->answer(request);
        co_await asio::async_write(*socket, asio::buffer(answer), asio::use_awaitable);
        if (state->then == ThenSocket::hangs)
            co_await read_to_end(socket);
    }

    SocketPath path_;
    std::shared_ptr<State> state_;
    Listener listener_;
};

}  // namespace slotd::testing
