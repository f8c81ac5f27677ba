// SPDX-License-Identifier: MIT
#include "file_facts.hpp"

#include "slotd/app/check/process.hpp"
#include "slotd/catalog/listing.hpp"
#include "slotd/file/control.hpp"
#include "slotd/file/renderer.hpp"
#include "slotd/file/survey.hpp"
#include "slotd/model/text.hpp"
#include "slotd/net/stream.hpp"
#include "slotd/sync/file.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <variant>

namespace slotd::app {
namespace {

using model::Error;
using model::ErrorKind;
using model::Result;

constexpr std::chrono::seconds master_patience(5);
constexpr std::size_t most_of_master = 256U << 10;

Error file_error(std::string what, const std::string& where, std::string hint = {}) {
    return Error(ErrorKind::refused, std::move(what), model::printable(where, 300),
                 std::move(hint));
}

std::string system_reason() {
    return std::generic_category().message(errno);
}

/// The text beside the managed file, since what it includes may be named from there; for nobody but
/// this user, since it may hold passwords. Not under the name that a running slotd writes.
class Trial {
  public:
    explicit Trial(const std::string& output) {
        const auto slash = output.rfind('/') + 1;
        path_ = output.substr(0, slash) + "." + output.substr(slash) + ".check." +
                std::to_string(::getpid());
    }
    ~Trial() { ::unlink(path_.c_str()); }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    const std::string& path() const { return path_; }

    Result<void> write(std::string_view text) const {
        const int file =
            ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file < 0)
            return file_error("can't be created: " + system_reason(), path_);
        const ssize_t written = ::write(file, text.data(), text.size());
        const bool is_whole = written == static_cast<ssize_t>(text.size());
        const std::string why = written < 0 ? system_reason() : "no space is left";
        ::close(file);
        if (!is_whole)
            return file_error("can't be written: " + why, path_);
        return {};
    }

  private:
    std::string path_;
};

Result<void> try_text(Session& session, const Setup& setup, const std::string& text) {
    const Trial trial(setup.file->output);
    if (auto written = trial.write(text); !written)
        return written;
    const auto control = file::haproxy_control(
        *setup.file,
        haproxy::socket_runtime(session.io.get_executor(), setup.work.sockets.front()));
    return wait_for(session.io, control->check(trial.path()));
}

/// As a shell finds it.
bool is_program(const std::string& name) {
    if (name.find('/') != std::string::npos)
        return ::access(name.c_str(), X_OK) == 0;
    const char* variable = std::getenv("PATH");
    std::string_view folders = variable ? variable : "/usr/bin:/bin";
    for (;;) {
        const auto end = folders.find(':');
        const std::string folder(folders.substr(0, end));
        if (::access(((folder.empty() ? "." : folder) + "/" + name).c_str(), X_OK) == 0)
            return true;
        if (end == std::string_view::npos)
            return false;
        folders.remove_prefix(end + 1);
    }
}

std::optional<Error> program_trouble(const std::string& name) {
    if (is_program(name))
        return std::nullopt;
    return file_error("there is no such program that slotd may run", name,
                      "`reload` in [file] names it");
}

std::optional<Error> signal_trouble(const std::string& pid_file) {
    const auto text = sync::read_file(pid_file);
    if (!text)
        return file_error("can't be read: " + text.error().what, pid_file,
                          "HAProxy's `pidfile`, or `-p`, names it; `reload` in [file] says where "
                          "it is");
    pid_t pid = 0;
    std::from_chars(text->data(), text->data() + text->size(), pid);
    if (pid <= 1)
        return file_error("holds no PID", pid_file);
    if (::kill(pid, 0) == 0)
        return std::nullopt;
    return file_error(
        "no signal can be sent to the process " + std::to_string(pid) + ": " + system_reason(),
        pid_file, "it must be the master of an HAProxy that runs with -W or -Ws");
}

std::optional<Error> master_trouble(Session& session, const net::SocketAddress& socket) {
    const auto answer =
        wait_for(session.io, net::exchange(socket, "show proc\n", master_patience, most_of_master));
    if (answer.broken && answer.received.empty())
        return file_error(answer.broken->what, socket.text(),
                          answer.broken->hint.empty() ? "HAProxy's -S names the master's socket"
                                                      : answer.broken->hint);
    return std::nullopt;
}

std::optional<Error> reload_trouble(Session& session, const file::Reload& reload) {
    if (const auto* by = std::get_if<file::ReloadBySignal>(&reload))
        return signal_trouble(by->pid_file);
    if (const auto* by = std::get_if<file::ReloadByMaster>(&reload))
        return master_trouble(session, by->socket);
    return program_trouble(std::get<file::ReloadByCommand>(reload).command.front());
}

std::string way_of(const file::Reload& reload) {
    if (const auto* by = std::get_if<file::ReloadBySignal>(&reload))
        return "SIGUSR2 to the process of " + model::printable(by->pid_file, 300);
    if (const auto* by = std::get_if<file::ReloadByMaster>(&reload))
        return "the master's socket " + model::printable(by->socket.text(), 300);
    return "the command " +
           model::printable(std::get<file::ReloadByCommand>(reload).command.front(), 300);
}

Result<file::Index> read_index(const file::Settings& settings) {
    const auto history = file::History::open(settings.folder, settings.keep);
    if (!history)
        return history.error();
    return history->index();
}

void take_rendered(FileFacts& facts, Session& session, const Setup& setup) {
    const auto listing =
        catalog::consul_listing(session.io.get_executor(), setup.http, setup.scope);
    auto rendered = wait_for(session.io, file::render_once(*setup.file, *listing, *session.source,
                                                           std::chrono::system_clock::now()));
    if (!rendered) {
        facts.rendered = rendered.error();
        return;
    }
    facts.backends = rendered->backends.size();
    facts.rendered = std::move(rendered->text);
    if (facts.folder_trouble.empty())
        facts.checked = try_text(session, setup, **facts.rendered);
}

}  // namespace

FileFacts file_facts(Session& session, const Setup& setup, bool asks_consul) {
    const file::Settings& settings = *setup.file;
    FileFacts facts;
    facts.path = settings.output;
    facts.folder_trouble = folder_trouble(settings.output);
    file::Renderer renderer(settings);
    if (const auto read = renderer.refresh(); !read)
        facts.template_error = read.error();
    else if (asks_consul)
        take_rendered(facts, session, setup);
    facts.reload_by = way_of(settings.reload);
    facts.reload_trouble = reload_trouble(session, settings.reload);
    facts.index = read_index(settings);
    facts.is_there = !sync::is_missing(settings.output);
    if (facts.is_there)
        facts.text = sync::read_file(settings.output);
    return facts;
}

}  // namespace slotd::app
