// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <cctype>
#include <utility>

namespace slotd::file {
namespace {

// HAProxy's messages have its process in them, "[ALERT]    (4711) : ...", another one each time.
std::string without_process(const std::string& text) {
    std::string without;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t end = i + 1;
        while (text[i] == '(' && end < text.size() && std::isdigit(text[end]) != 0) ++end;
        if (end > i + 1 && end < text.size() && text[end] == ')')
            i = end;
        else
            without += text[i];
    }
    return without;
}

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

void Report::outcome(const model::Result<Outcome>& outcome, const std::string& cause,
                     model::Time now) {
    const std::string text =
        outcome ? to_string(*outcome, path_, cause) : to_string(outcome.error());
    const std::string about = without_process(text);
    const bool is_again = about == last_outcome_ && !(outcome && outcome->came == Came::placed);
    const bool was_said = !last_outcome_.empty();
    last_outcome_ = about;
    if (!outcome || outcome->came == Came::refused) {
        if (const auto line = failures_.line(about, now))
            log_.error(text + (outcome ? "" : "; it is tried again") + line->substr(about.size()));
        return;
    }
    failures_.over(now);
    if (is_again)
        return;
    if (outcome->came != Came::unchanged || was_said)
        log_.write(level_of(outcome->came), text);
}

}  // namespace slotd::file
