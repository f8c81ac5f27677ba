// SPDX-License-Identifier: MIT
// A publisher on files of its own, with an HAProxy that does what a test says.
#pragma once

#include "slotd/file/hash.hpp"
#include "slotd/file/publish.hpp"
#include "support/folder.hpp"
#include "support/loop.hpp"

#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

using Texts = std::vector<std::string>;
enum class Force { no, yes };
enum class Unpin { no, yes };

class FakeControl final : public file::Control {
  public:
    explicit FakeControl(const file::Settings& settings) : settings_(settings) {}

    asio::awaitable<model::Result<void>> check(std::string path) override {
        co_await turn();
        at("check");
        checked.push_back(slurp(path));
        if (!refuses.empty())
            co_return model::Error(model::ErrorKind::refused, refuses);
        co_return model::Result<void>();
    }

    asio::awaitable<model::Result<file::Loaded>> reload() override {
        co_await turn();
        at("reload");
        loaded.push_back(slurp(settings_.output));
        if (up && !fails && loaded.back() != fails_with)
            spit(runs_with(), loaded.back());
        at("reloaded");
        if (!up)
            co_return file::Loaded::no_haproxy;
        if (fails || loaded.back() == fails_with)
            co_return model::Error(model::ErrorKind::timeout, "no new worker");
        co_return file::Loaded::yes;
    }

    asio::awaitable<bool> is_up() override {
        co_await turn();
        co_return up;
    }

    /// A file with what HAProxy runs with, since it outlives a slotd that is killed.
    std::string runs_with() const { return settings_.folder + ".runs"; }

    std::string refuses;           ///< what the check complains about; empty: it takes everything
    std::string fails_with = "-";  ///< the text that no worker comes up with
    bool fails = false;            ///< no worker comes up at all
    bool up = true;                ///< an HAProxy runs
    Texts checked;
    Texts loaded;
    std::function<void(const std::string&)> at = [](const std::string&) {};

  private:
    static asio::awaitable<void> turn() {
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }

    const file::Settings& settings_;
};

inline std::string text_of(const model::Result<file::Outcome>& result) {
    using file::Came;
    static const std::vector<std::pair<Came, std::string>> words{{Came::unchanged, "unchanged"},
                                                                 {Came::placed, "placed"},
                                                                 {Came::unproven, "unproven"},
                                                                 {Came::refused, "refused"},
                                                                 {Came::rolled_back, "rolled back"},
                                                                 {Came::failed, "failed"},
                                                                 {Came::edited, "edited"},
                                                                 {Came::pinned, "pinned"},
                                                                 {Came::left, "left"},
                                                                 {Came::paused, "paused"}};
    if (!result)
        return "error: " + to_string(result.error());
    std::string text;
    for (const auto& [came, word] : words)
        if (came == result->came)
            text = word;
    text += " " + std::to_string(result->version);
    return result->error ? text + ": " + to_string(*result->error) : text;
}

struct Publishing {
    struct Running {
        std::shared_ptr<std::optional<model::Result<file::Outcome>>> result;
        net::Task task;
    };

    Folder folder;
    asio::io_context io{1};
    file::Settings settings;
    FakeControl control{settings};
    std::ostringstream log_text;
    sync::Log log{sync::LogLevel::debug, sync::LogFormat::text, log_text};
    file::Publisher publisher{settings, control, log,
                              [] { return std::chrono::system_clock::now(); }};

    Publishing() {
        settings.output = folder / "haproxy.cfg";
        settings.folder = folder / "file";
    }

    const std::string& output() const { return settings.output; }
    std::string file() const { return slurp(output()); }

    std::string publish(const std::string& text, Force force = Force::no, Unpin unpin = Unpin::no) {
        file::Wanted wanted(text, "why");
        wanted.force = force == Force::yes;
        wanted.unpin = unpin == Unpin::yes;
        return text_of(result_of(io, publisher.publish(std::move(wanted))));
    }

    std::string roll_back(std::optional<unsigned> number = std::nullopt) {
        return text_of(result_of(io, publisher.roll_back(number)));
    }

    std::string look() { return text_of(result_of(io, publisher.look())); }

    Running start(const std::string& text) {
        Running running;
        running.result = std::make_shared<std::optional<model::Result<file::Outcome>>>();
        running.task = net::spawn(
            io.get_executor(), store(publisher.publish(file::Wanted(text, "why")), running.result));
        return running;
    }

    file::History history() const {
        auto history = file::History::open(settings.folder, settings.keep);
        if (!history)
            throw std::runtime_error(to_string(history.error()));
        return *std::move(history);
    }

    /// "1 good TEXT", with " *" when it is in place and " pinned".
    Texts versions() const {
        Texts all;
        const file::History kept = history();
        for (const file::Version& one : kept.index().versions) {
            std::string line = std::to_string(one.number) + " " +
                               std::string(to_string(one.grade)) + " " + *kept.text(one.number);
            line += kept.index().placed == one.number ? " *" : "";
            line += kept.index().pinned == one.number ? " pinned" : "";
            all.push_back(line);
        }
        return all;
    }

    /// Names in the file's folder that are neither the file nor the history.
    Texts beside() const {
        Texts names;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            if (entry.path() != output() && entry.path() != settings.folder &&
                entry.path() != control.runs_with())
                names.push_back(entry.path().filename());
        return names;
    }
};

}  // namespace slotd::testing
