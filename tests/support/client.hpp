// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/net/spawn.hpp"
#include "support/listener.hpp"
#include "support/loop.hpp"

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/write.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace slotd::testing {

/// A client of a server in the same loop, that sends what it is told and takes what comes.
class Client {
  public:
    Client(asio::io_context& io, const Endpoint& to) : io_(io), state_(std::make_shared<State>(io)) {
        state_->socket.connect(to);
        state_->socket.non_blocking(true);
    }
    ~Client() {
        asio::error_code ignored;
        state_->socket.close(ignored);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// As much as the system takes at once.
    void send(const std::string& text) {
        asio::error_code ignored;
        state_->socket.write_some(asio::buffer(text), ignored);
    }
    void end_of_input() { state_->socket.shutdown(asio::socket_base::shutdown_send); }
    void reset() { testing::reset(state_->socket); }

    /// Reads from now on.
    void read() {
        if (!is_reading_)
            read_more(state_);
        is_reading_ = true;
    }
    const std::string& received() const { return state_->received; }
    bool ended() const { return state_->ended; }

    void wait_for(const std::string& text) {
        read();
        run_until(io_, [&] { return received().find(text) != std::string::npos || ended(); });
    }
    /// Everything up to the end of the connection.
    const std::string& wait_end() {
        read();
        run_until(io_, [&] { return ended(); });
        return received();
    }

  private:
    struct State {
        Socket socket;
        std::array<char, 4096> some{};
        std::string received;
        bool ended = false;

        explicit State(asio::io_context& io) : socket(io) {}
    };

    static void read_more(const std::shared_ptr<State>& state) {
        state->socket.async_read_some(
            asio::buffer(state->some), [state](const asio::error_code& error, std::size_t count) {
                state->received.append(state->some.data(), count);
                state->ended = state->ended || error;
                if (!error)
                    read_more(state);
            });
    }

    asio::io_context& io_;
    std::shared_ptr<State> state_;
    bool is_reading_ = false;
};

}  // namespace slotd::testing
