// SPDX-License-Identifier: MIT
#include "slotd/file/control.hpp"

#include "slotd/file/command.hpp"
#include "slotd/model/text.hpp"
#include "slotd/net/stream.hpp"
#include "slotd/sync/file.hpp"

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

namespace slotd::file {
namespace {

using model::Error;
using model::ErrorKind;
using model::Result;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds command_deadline(60'000);
constexpr milliseconds look_again(50);

Error failed(const std::string& command, const Ran& ran) {
    return Error(ErrorKind::refused, complaint(ran.output),
                 "the command " + model::printable(command) + " (exit code " +
                     std::to_string(ran.code) + ")");
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

Result<void> send_signal(const std::string& pid_file) {
    const auto text = sync::read_file(pid_file);
    if (!text)
        return Error(ErrorKind::refused, "can't be read: " + text.error().what, pid_file,
                     "HAProxy's `pidfile`, or `-p`, names it; `reload` in [file] says where it is");
    pid_t pid = 0;
    std::from_chars(text->data(), text->data() + text->size(), pid);
    if (pid <= 1)
        return Error(ErrorKind::refused, "holds no PID", pid_file);
    if (::kill(pid, SIGUSR2) != 0)
        return Error(ErrorKind::refused,
                     "SIGUSR2 can't be sent to the process " + std::to_string(pid) + ": " +
                         std::generic_category().message(errno),
                     pid_file, "it must be the master of an HAProxy that runs with -W or -Ws");
    return {};
}

class HaproxyControl final : public Control {
  public:
    HaproxyControl(const Settings& settings, std::unique_ptr<haproxy::Runtime> runtime)
        : settings_(settings), runtime_(std::move(runtime)) {}

    asio::awaitable<Result<void>> check(std::string path) override {
        std::vector<std::string> command;
        for (const std::string& word : settings_.check)
            command.push_back(replaced(word, "{file}", path));
        const std::string name = command.front();
        const auto ran = co_await run_command(std::move(command), command_deadline);
        if (!ran)
            co_return ran.error();
        if (ran->code != 0)
            co_return failed(name, *ran);
        co_return Result<void>();
    }

    asio::awaitable<Result<Loaded>> reload() override {
        const auto before = co_await runtime_->process();
        const auto told = co_await tell();
        if (!told && !before)
            co_return Loaded::no_haproxy;
        if (!told)
            co_return told.error();
        const auto end = Clock::now() + settings_.reload_deadline;
        asio::steady_timer timer(co_await asio::this_coro::executor);
        while (Clock::now() < end) {
            const auto now = co_await runtime_->process();
            if (now && !now->stopping && (!before || is_another(*before, *now)))
                co_return Loaded::yes;
            timer.expires_after(look_again);
            co_await timer.async_wait(asio::use_awaitable);
        }
        if (!before)
            co_return Loaded::no_haproxy;
        co_return Error(
            ErrorKind::timeout,
            "no new worker came up within " + std::to_string(settings_.reload_deadline.count()) +
                " ms, the process " + std::to_string(before->pid) + " still answers or none does",
            "HAProxy's reload", "HAProxy's own log says why");
    }

    asio::awaitable<bool> is_up() override {
        const auto process = co_await runtime_->process();
        co_return process && !process->stopping;
    }

  private:
    static bool is_another(const model::Process& before, const model::Process& now) {
        return before.pid != now.pid || before.started != now.started;
    }

    asio::awaitable<Result<void>> tell() {
        if (const auto* by = std::get_if<ReloadBySignal>(&settings_.reload))
            co_return send_signal(by->pid_file);
        if (const auto* by = std::get_if<ReloadByMaster>(&settings_.reload)) {
            const auto told = co_await tell_master(by->socket);
            co_return told;
        }
        const auto& command = std::get<ReloadByCommand>(settings_.reload).command;
        const auto ran = co_await run_command(command, command_deadline);
        if (!ran)
            co_return ran.error();
        if (ran->code != 0)
            co_return failed(command.front(), *ran);
        co_return Result<void>();
    }

    // From 2.7 on the master answers when it knows, "Success=0" and HAProxy's messages; before, it
    // closes the connection at once, as it does while it loads.
    static asio::awaitable<Result<void>> tell_master(net::SocketAddress socket) {
        const std::string where = "the master's socket " + socket.text();
        const auto answer =
            co_await net::exchange(std::move(socket), "reload\n", command_deadline, 256U << 10);
        if (answer.broken && answer.received.empty() &&
            answer.broken->what.starts_with("can't connect"))
            co_return *answer.broken;
        if (answer.received.starts_with("Success=0"))
            co_return Error(ErrorKind::refused, complaint(answer.received), where);
        if (answer.received.find("Permission denied") != std::string::npos)
            co_return Error(ErrorKind::refused, "HAProxy says: Permission denied", where,
                            "the socket needs `level admin`");
        co_return Result<void>();
    }

    const Settings& settings_;
    std::unique_ptr<haproxy::Runtime> runtime_;
};

/// The text of an alert's line: "[ALERT]    (123) : config : ..." without what HAProxy puts before.
std::optional<std::string_view> alert(std::string_view line) {
    if (!line.starts_with("[ALERT]"))
        return std::nullopt;
    const auto end = line.find(") : ");
    line = end == std::string_view::npos ? line.substr(7) : line.substr(end + 4);
    if (line.starts_with("config : "))
        line.remove_prefix(9);
    return line;
}

// Said after each list of errors.
bool says_nothing(std::string_view text) {
    return text.starts_with("Error(s) found in configuration file") ||
           text.starts_with("Fatal errors found in configuration");
}

}  // namespace

std::unique_ptr<Control> haproxy_control(const Settings& settings,
                                         std::unique_ptr<haproxy::Runtime> runtime) {
    return std::make_unique<HaproxyControl>(settings, std::move(runtime));
}

std::string complaint(std::string_view output) {
    constexpr std::size_t most = 600;
    std::string alerts;
    std::string_view last;
    while (!output.empty()) {
        const auto end = std::min(output.find('\n'), output.size());
        const std::string_view line = output.substr(0, end);
        output.remove_prefix(std::min(end + 1, output.size()));
        const auto text = alert(line);
        if (text && !says_nothing(*text))
            alerts += (alerts.empty() ? "" : "; ") + std::string(*text);
        if (line.find_first_not_of(" \t\r") != std::string_view::npos)
            last = line;
    }
    if (!alerts.empty())
        return model::printable(alerts, most);
    return last.empty() ? "it says nothing" : model::printable(last, most);
}

}  // namespace slotd::file
