// SPDX-License-Identifier: MIT
#include "slotd/sync/pauses.hpp"

#include "slotd/model/names.hpp"
#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sstream>
#include <unistd.h>
#include <utility>
#include <vector>

namespace slotd::sync {
namespace {

using model::Error;
using model::ErrorKind;
using model::WallTime;

WallTime now() {
    return std::chrono::system_clock::now();
}

}  // namespace

Pauses::Pauses(asio::any_io_executor executor, std::string path)
    : path_(std::move(path)), timer_(std::move(executor)) {}

model::Result<void> Pauses::load() {
    auto read = peek();
    if (read)
        wait_for_end();
    return read;
}

model::Result<void> Pauses::peek() {
    if (path_.empty() || (::access(path_.c_str(), F_OK) != 0 && errno == ENOENT))
        return {};
    const auto text = read_file(path_);
    if (!text)
        return Error(text.error().kind, "the pauses can't be read: " + text.error().what, path_,
                     "slotd would change backends that somebody paused: make the file readable");
    List pauses;
    std::istringstream lines(*text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::istringstream words(line);
        std::string backend;
        std::string end;
        std::string more;
        words >> backend >> end >> more;
        const auto until = model::parse_utc(end);
        if (end.empty() || !more.empty() || (!until && end != "-") ||
            (backend != all && !model::BackendName::parse(backend)))
            return Error(ErrorKind::config,
                         "\"" + model::printable(line) + "\" is no pause: BACKEND UNTIL is one",
                         path_ + ":" + std::to_string(number),
                         "mend the line or take it out; slotd wrote the file itself");
        if (!until || *until > now())
            pauses.emplace(backend, Pause(until));
    }
    pauses_ = std::move(pauses);
    return {};
}

model::Result<void> Pauses::pause(const std::string& backend, std::optional<WallTime> until) {
    List pauses = pauses_;
    pauses.insert_or_assign(backend, Pause(until));
    return take(std::move(pauses), backend);
}

model::Result<void> Pauses::resume(const std::string& backend) {
    List pauses = pauses_;
    if (backend == all) {
        pauses.clear();
    } else if (pauses.erase(backend) == 0) {
        const bool by_all = pauses.contains(std::string(all));
        return Error(ErrorKind::usage,
                     by_all ? "all backends are paused, not " + backend + " alone"
                            : backend + " is not paused",
                     {}, by_all ? "resume all of them, and pause those that shall stay so" : "");
    }
    return take(std::move(pauses), backend);
}

std::optional<Pauses::Pause> Pauses::of(const std::string& backend) const {
    if (pauses_.empty())
        return std::nullopt;
    const auto own = pauses_.find(backend);
    const auto every = pauses_.find(std::string(all));
    if (own == pauses_.end() && every == pauses_.end())
        return std::nullopt;
    if (own == pauses_.end() || every == pauses_.end())
        return (own == pauses_.end() ? every : own)->second;
    // The one that ends later; no end is the latest.
    const auto later = [](const Pause& a, const Pause& b) {
        return !a.until || (b.until && *a.until >= *b.until);
    };
    return later(own->second, every->second) ? own->second : every->second;
}

model::Result<void> Pauses::take(List pauses, const std::string& changed) {
    const auto kept = keep(pauses);
    if (!kept)
        return kept.error();
    pauses_ = std::move(pauses);
    wait_for_end();
    on_change_(changed, false);
    return {};
}

model::Result<void> Pauses::keep(const List& pauses) const {
    if (path_.empty())
        return {};
    std::string text;
    for (const auto& [backend, pause] : pauses)
        text += backend + " " + (pause.until ? model::utc_text(*pause.until) : "-") + "\n";
    return replace_file(path_, text);
}

void Pauses::wait_for_end() {
    std::optional<WallTime> first;
    for (const auto& [backend, pause] : pauses_)
        if (pause.until)
            first = std::min(first.value_or(*pause.until), *pause.until);
    if (!first) {
        timer_.cancel();
        return;
    }
    // The time of day may be set while this waits, so it is looked at again now and then.
    const auto left = std::min<WallTime::duration>(*first - now(), std::chrono::minutes(1));
    timer_.expires_after(std::max<WallTime::duration>(left, std::chrono::milliseconds(1)));
    timer_.async_wait([this](const asio::error_code& error) {
        if (!error)
            end_due();
    });
}

void Pauses::end_due() {
    std::vector<std::string> ended;
    std::erase_if(pauses_, [&](const auto& entry) {
        if (!entry.second.until || *entry.second.until > now())
            return false;
        ended.push_back(entry.first);
        return true;
    });
    // A pause that is over when it is read again is none, so a failure to write loses nothing.
    if (!ended.empty())
        (void)keep(pauses_);
    wait_for_end();
    for (const std::string& backend : ended) on_change_(backend, true);
}

}  // namespace slotd::sync
