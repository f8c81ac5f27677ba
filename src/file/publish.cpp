// SPDX-License-Identifier: MIT
#include "slotd/file/publish.hpp"

#include "job.hpp"
#include "slotd/file/hash.hpp"
#include "slotd/file/lock.hpp"
#include "slotd/sync/file.hpp"

#include <chrono>

namespace slotd::file {
namespace {

using model::Error;
using model::ErrorKind;
using model::Result;

// A reload may take that long, and another one the way back.
constexpr std::chrono::milliseconds lock_patience(60'000);

/// The version to go back to without a number: the newest that was good and is not the file.
const Version* version_before(const Job& job) {
    const auto& versions = job.index().versions;
    for (auto one = versions.rbegin(); one != versions.rend(); ++one)
        if (one->grade == Grade::good && one->hash != job.hash())
            return &*one;
    return nullptr;
}

// What is done under the lock with the job that has begun.

asio::awaitable<Result<Outcome>> publish_in(Job& job, Wanted wanted) {
    if (job.index().pinned && !wanted.unpin)
        co_return Outcome(Came::pinned, *job.index().pinned);
    if (job.index().pinned) {
        Index changed = job.index();
        changed.pinned.reset();
        if (auto saved = job.save(std::move(changed)); !saved)
            co_return saved.error();
    }
    const Version* placed = job.index().find(job.index().placed);
    const Version* newest = job.index().newest();
    const bool failed = newest && newest->grade == Grade::failed && newest->hash == job.hash();
    if (job.is_file(wanted.text) && !failed) {
        if (placed && placed->hash == job.hash())
            co_return Outcome(Came::unchanged, placed->number);
        const auto taken = job.take_as_it_is(std::move(wanted.why), false);
        if (!taken)
            co_return taken.error();
        co_return Outcome(Came::unchanged, *taken);
    }
    if (job.is_edited() && !wanted.force) {
        const auto kept = job.keep_edit();
        if (!kept)
            co_return kept.error();
        co_return Outcome(Came::edited, *kept);
    }
    auto outcome = co_await job.put(std::move(wanted.text), std::move(wanted.why), false);
    co_return outcome;
}

asio::awaitable<Result<Outcome>> roll_back_in(Job& job, std::optional<unsigned> number) {
    if (!number) {
        if (auto begun = job.history().check_begun(); !begun)
            co_return begun.error();
        const Version* before = version_before(job);
        if (!before)
            co_return Error(ErrorKind::refused, "no other version was good", {},
                            "`slotd history` lists them, `slotd rollback N` takes any");
        number = before->number;
    }
    auto text = job.history().text(*number);
    if (!text)
        co_return text.error();
    std::string why = "rollback to version " + std::to_string(*number);
    if (!job.is_file(*text)) {
        auto outcome = co_await job.put(*std::move(text), std::move(why), true);
        co_return outcome;
    }
    const Version* placed = job.index().find(job.index().placed);
    if (!placed || placed->hash != job.hash()) {
        const auto taken = job.take_as_it_is(std::move(why), true);
        if (!taken)
            co_return taken.error();
        co_return Outcome(Came::unchanged, *taken);
    }
    Index changed = job.index();
    changed.pinned = changed.placed;
    const unsigned pinned = *changed.pinned;
    if (auto saved = job.save(std::move(changed)); !saved)
        co_return saved.error();
    co_return Outcome(Came::unchanged, pinned);
}

asio::awaitable<Result<Outcome>> look_in(Job& job, Control& control) {
    if (job.is_edited()) {
        const auto kept = job.keep_edit();
        if (!kept)
            co_return kept.error();
        co_return Outcome(Came::edited, *kept);
    }
    const Version* placed = job.index().find(job.index().placed);
    if (!placed)
        co_return Outcome(Came::unchanged, 0);
    const unsigned number = placed->number;
    if (placed->grade == Grade::fresh) {
        const bool is_up = co_await control.is_up();
        if (!is_up)
            co_return Outcome(Came::unproven, number);
        Index changed = job.index();
        changed.find(number)->grade = Grade::good;
        if (auto saved = job.save(std::move(changed)); !saved)
            co_return saved.error();
    }
    if (job.index().pinned)
        co_return Outcome(Came::pinned, *job.index().pinned);
    co_return Outcome(Came::unchanged, number);
}

asio::awaitable<Result<Outcome>> begin_and(
    Job& job, std::function<asio::awaitable<Result<Outcome>>(Job&)> work) {
    const auto begun = co_await job.begin();
    if (!begun)
        co_return begun.error();
    if (begun->has_value())
        co_return **begun;
    auto doing = work(job);
    auto outcome = co_await std::move(doing);
    co_return outcome;
}

asio::awaitable<Result<Lock>> take_lock(const Settings& settings) {
    if (auto made = History::make_folder(settings.folder); !made)
        co_return made.error();
    const std::string path = settings.folder + "/lock";
    auto lock = co_await Lock::take(path, lock_patience);
    co_return lock;
}

}  // namespace

std::string to_string(const Outcome& outcome, const std::string& path, const std::string& cause) {
    const std::string version =
        "version " + std::to_string(outcome.version) + (cause.empty() ? "" : " (" + cause + ")");
    const std::string why = outcome.error ? ": " + to_string(*outcome.error) : "";
    switch (outcome.came) {
        case Came::unchanged:
            return path + " is up to date";
        case Came::placed:
            return path + ": " + version + " is in place and loaded";
        case Came::unproven:
            return path + ": " + version +
                   " is in place, and no HAProxy answers that could load it";
        case Came::refused:
            return path + " stays as it is, HAProxy's check refuses " + version + why +
                   " (`slotd history show " + std::to_string(outcome.version) + "` has it)";
        case Came::rolled_back:
            return path + ": HAProxy did not come up with " + version +
                   ", the version before it is in place and loaded again" + why;
        case Came::failed:
            return path + ": HAProxy did not come up with " + version + why;
        case Came::edited:
            return path + " was written by somebody else, which is kept as version " +
                   std::to_string(outcome.version) +
                   " and left alone (`slotd render --diff` shows what would be, `slotd render "
                   "--force` does it)" +
                   why;
        case Came::pinned:
            return path + ": version " + std::to_string(outcome.version) +
                   " is pinned since `slotd rollback`, nothing is rendered until `slotd render "
                   "--unpin`";
        case Came::left:
            return path + " stays as it is while slotd is paused" + why;
        case Came::paused:
            return path + " stays as it is, slotd was paused meanwhile";
    }
    return {};
}

Seen Seen::now(const Settings& settings) {
    Seen seen;
    seen.output = Stamp::of(settings.output);
    seen.index = Stamp::of(settings.folder + "/index.json");
    return seen;
}

asio::awaitable<Result<Outcome>> Publisher::under_lock(Work work) {
    // Whoever has the lock now may change them.
    seen_ = Seen::now(settings_);
    const auto lock = co_await take_lock(settings_);
    if (!lock)
        co_return lock.error();
    auto history = History::open(settings_.folder, settings_.keep);
    if (!history)
        co_return history.error();
    Job job(settings_, control_, log_, clock_(), *std::move(history), is_paused_);
    auto outcome = co_await begin_and(job, std::move(work));
    seen_.output = job.stamp();
    seen_.index = Seen::now(settings_).index;
    co_return outcome;
}

asio::awaitable<Result<Outcome>> Publisher::publish(Wanted wanted) {
    return under_lock([wanted = std::move(wanted)](Job& job) { return publish_in(job, wanted); });
}

asio::awaitable<Result<Outcome>> Publisher::roll_back(std::optional<unsigned> number) {
    return under_lock([number](Job& job) { return roll_back_in(job, number); });
}

asio::awaitable<Result<Outcome>> Publisher::look() {
    return under_lock([this](Job& job) { return look_in(job, control_); });
}

asio::awaitable<Result<void>> Publisher::check(std::string text) {
    // Nothing is kept of it, so no folder is made; without one no other slotd has begun.
    std::optional<Lock> lock;
    if (!sync::is_missing(settings_.folder)) {
        auto taken = co_await take_lock(settings_);
        if (!taken)
            co_return taken.error();
        lock.emplace(*std::move(taken));
    }
    const auto replacement = sync::Replacement::write(settings_.output, text);
    if (!replacement)
        co_return replacement.error();
    auto checked = co_await control_.check(replacement->beside());
    co_return checked;
}

}  // namespace slotd::file
