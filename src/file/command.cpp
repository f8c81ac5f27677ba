// SPDX-License-Identifier: MIT
#include "slotd/file/command.hpp"

#include "slotd/model/text.hpp"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace slotd::file {
namespace {

using model::Error;
using model::ErrorKind;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_output = 64U << 10;
constexpr std::chrono::milliseconds last_pause(50);

// What slotd asks Consul with is nobody else's: HAProxy puts what "${NAME}" in its file is into the
// message of its check, which is logged and shown.
std::vector<char*> environment_of_commands() {
    std::vector<char*> environment;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view text(*one);
        if (!text.starts_with("CONSUL_HTTP_TOKEN=") && !text.starts_with("CONSUL_HTTP_AUTH="))
            environment.push_back(*one);
    }
    environment.push_back(nullptr);
    return environment;
}

/// A running program and the pipe of its outputs. It does not outlive this.
class Child {
  public:
    Child() = default;
    ~Child() {
        if (pid_ > 0) {
            ::kill(-pid_, SIGKILL);
            while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
        if (output_ >= 0)
            ::close(output_);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// 0, or the system's reason.
    int start(std::vector<std::string>& command) {
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
            return errno;
        output_ = pipe[0];
        ::fcntl(output_, F_SETFL, O_NONBLOCK);

        std::vector<char*> arguments;
        for (std::string& argument : command) arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        const std::vector<char*> environment = environment_of_commands();
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
        // A reload may leave an HAProxy running, which must not hold slotd's connections open.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3);
        // Not slotd's own way with signals: a command in a pipe must end with its reader.
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
        const int error = ::posix_spawnp(&pid_, arguments.front(), &actions, &attributes,
                                         arguments.data(), environment.data());
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        ::close(pipe[1]);
        if (error != 0)
            pid_ = -1;
        return error;
    }

    /// Takes what the pipe holds now. It may stay open after the program's end.
    void drain(std::string& to) const {
        std::array<char, 4096> part{};
        for (;;) {
            const ssize_t count = ::read(output_, part.data(), part.size());
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                break;
            to.append(part.data(), static_cast<std::size_t>(count));
        }
        if (to.size() > most_output)
            to.erase(0, to.size() - most_output);
    }

    /// True when it has ended; `code` is then set.
    bool has_ended(int& code) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_)
            return false;
        pid_ = -1;
        code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        return true;
    }

  private:
    pid_t pid_ = -1;
    int output_ = -1;
};

}  // namespace

asio::awaitable<model::Result<Ran>> run_command(std::vector<std::string> command,
                                                std::chrono::milliseconds deadline) {
    const std::string name = model::printable(command.front());
    Child child;
    const int error = child.start(command);
    if (error != 0)
        co_return Error(ErrorKind::refused,
                        "can't be run: " + std::generic_category().message(error),
                        "the command " + name);
    const auto end = Clock::now() + deadline;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    std::chrono::milliseconds pause(1);
    Ran ran;
    while (!child.has_ended(ran.code)) {
        if (Clock::now() >= end)
            co_return Error(ErrorKind::timeout,
                            "did not end within " + std::to_string(deadline.count()) + " ms",
                            "the command " + name);
        child.drain(ran.output);
        timer.expires_after(pause);
        pause = std::min(2 * pause, last_pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
    child.drain(ran.output);
    co_return ran;
}

}  // namespace slotd::file
