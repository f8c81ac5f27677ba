// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <utility>

namespace slotd::file {
namespace {

sync::LogLevel level_of(Came came) {
    switch (came) {
        case Came::unchanged:
        case Came::placed:
        case Came::pinned:
            return sync::LogLevel::info;
        case Came::unproven:
        case Came::edited:
            return sync::LogLevel::warn;
        case Came::refused:
        case Came::rolled_back:
        case Came::failed:
            return sync::LogLevel::error;
    }
    return sync::LogLevel::error;
}

}  // namespace

void Report::info(const std::string& text) {
    log_.info(path_ + ": " + text);
}

void Report::wrong(const std::string& about, const std::string& text) {
    std::set<std::string>& said = said_[about];
    if (said.contains(text))
        return;
    said.clear();
    if (text.empty())
        return;
    said.insert(text);
    log_.error(text);
}

void Report::remarks(const std::string& about, const std::vector<model::Error>& now) {
    std::set<std::string> texts;
    for (const model::Error& one : now) {
        const std::string text = to_string(one);
        if (!said_[about].contains(text) && !texts.contains(text))
            log_.warn(text);
        texts.insert(text);
    }
    said_[about] = std::move(texts);
}

void Report::outcome(const model::Result<Outcome>& outcome, const std::string& cause) {
    const std::string text =
        outcome ? to_string(*outcome, path_, cause) : to_string(outcome.error());
    const bool is_again = text == last_outcome_ && !(outcome && outcome->came == Came::placed);
    const bool was_said = !last_outcome_.empty();
    last_outcome_ = text;
    if (is_again)
        return;
    if (!outcome)
        log_.error(text + "; it is tried again");
    else if (outcome->came != Came::unchanged || was_said)
        log_.write(level_of(outcome->came), text);
}

}  // namespace slotd::file
