// SPDX-License-Identifier: MIT
#include "look_up.hpp"

#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <array>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <signal.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace slotd::net {
namespace {

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

Endpoints endpoints_of(const std::string& host, std::uint16_t port, asio::error_code& error) {
    asio::io_context io;  // only for its form: nothing waits here
    asio::ip::tcp::resolver resolver(io);
    Endpoints endpoints;
    for (const auto& entry : resolver.resolve(host, std::to_string(port), error))
        endpoints.push_back(entry.endpoint());
    return endpoints;
}

/// No signal is the look-up's: they belong to the thread of the loop.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_;
};

}  // namespace

/// Its thread's until the pipe is closed, then the waiting coroutine's, if that is still there.
struct LookUp::Answer {
    Endpoints endpoints;
    asio::error_code error;
};

LookUp::LookUp(const asio::any_io_executor& executor) : answered_(executor) {}

void LookUp::leave() {
    asio::error_code ignored;
    answered_.close(ignored);
}

std::shared_ptr<LookUp::Answer> LookUp::start(std::string host, std::uint16_t port,
                                              asio::error_code& error) {
    auto answer = std::make_shared<Answer>();
    std::array<int, 2> pipe{};
    if (pipe2(pipe.data(), O_CLOEXEC) != 0) {
        error = asio::error_code(errno, asio::error::get_system_category());
        return answer;
    }
    answered_.assign(pipe[0], error);
    if (error) {
        close(pipe[0]);
        close(pipe[1]);
        return answer;
    }
    // The thread touches nothing of the loop's, which may end before it.
    const auto look = [answer, host = std::move(host), port, done = pipe[1]] {
        try {
            answer->endpoints = endpoints_of(host, port, answer->error);
        } catch (const std::exception&) {
            answer->error = asio::error::no_memory;  // nothing else can be wrong there
        }
        close(done);
    };
    const SignalsBlocked blocked;
    try {
        std::thread(look).detach();
    } catch (const std::system_error& failure) {
        close(pipe[1]);
        error = asio::error_code(failure.code().value(), asio::error::get_system_category());
    }
    return answer;
}

asio::awaitable<Endpoints> LookUp::run(std::string host, std::uint16_t port,
                                       asio::error_code& error) {
    const auto address = asio::ip::make_address(host, error);
    if (!error)
        co_return Endpoints(1, asio::ip::tcp::endpoint(address, port));
    error.clear();
    const std::shared_ptr<Answer> answer = start(std::move(host), port, error);
    if (!error)
        co_await answered_.async_wait(asio::posix::stream_descriptor::wait_read,
                                      asio::redirect_error(asio::use_awaitable, error));
    if (error)
        co_return Endpoints();
    error = answer->error;
    co_return std::move(answer->endpoints);
}

}  // namespace slotd::net
