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
        case Came::paused:
            return sync::LogLevel::info;
        case Came::unproven:
        case Came::edited:
        case Came::left:
            return sync::LogLevel::warn;
        case Came::refused:
        case Came::rolled_back:
        case Came::failed:
            return sync::LogLevel::error;
    }
    return sync::LogLevel::error;
}

}  // namespace

void Report::write(sync::LogLevel level, const std::string& text, unsigned version) {
    std::vector<sync::LogField> fields{sync::LogField("file", path_)};
    if (version > 0)
        fields.emplace_back("version", std::to_string(version));
    log_.write(level, text, fields);
    if (!events_)
        return;
    sync::Event event;
    event.level = level;
    event.file = path_;
    event.version = version;
    event.text = text;
    events_->add(std::move(event));
}

void Report::info(const std::string& text) {
    write(sync::LogLevel::info, path_ + ": " + text);
}

void Report::warn(const std::string& text) {
    write(sync::LogLevel::warn, path_ + ": " + text);
}

void Report::wrong(const std::string& about, const std::string& text) {
    std::set<std::string>& said = said_[about];
    if (said.contains(text))
        return;
    said.clear();
    if (text.empty())
        return;
    said.insert(text);
    write(sync::LogLevel::error, text);
}

void Report::remarks(const std::string& about, const std::vector<model::Error>& now) {
    std::set<std::string> texts;
    for (const model::Error& one : now) {
        const std::string text = to_string(one);
        if (!said_[about].contains(text) && !texts.contains(text))
            write(sync::LogLevel::warn, text);
        texts.insert(text);
    }
    said_[about] = std::move(texts);
}

bool Report::is_news(const Outcome& outcome, const std::string& cause) {
    const bool is_other = outcome.came == Came::unchanged && cause.empty() && in_place_ > 0 &&
                          outcome.version != in_place_;
    if (outcome.came == Came::unchanged || outcome.came == Came::placed ||
        outcome.came == Came::unproven || outcome.came == Came::pinned)
        in_place_ = outcome.version;
    return is_other;
}

void Report::outcome(const model::Result<Outcome>& outcome, const std::string& cause,
                     model::Time now) {
    std::string text = outcome ? to_string(*outcome, path_, cause) : to_string(outcome.error());
    if (outcome && is_news(*outcome, cause))
        text = path_ + ": version " + std::to_string(outcome->version) +
               " was put in place by a command";
    const std::string about = without_process(text);
    const bool is_again = about == last_outcome_ && !(outcome && outcome->came == Came::placed);
    const bool was_said = !last_outcome_.empty();
    last_outcome_ = about;
    if (!outcome || outcome->came == Came::refused) {
        if (const auto line = failures_.line(about, now))
            write(sync::LogLevel::error,
                  text + (outcome ? "" : "; it is tried again") + line->substr(about.size()),
                  outcome ? outcome->version : 0);
        return;
    }
    failures_.over(now);
    if (is_again)
        return;
    if (outcome->came != Came::unchanged || was_said)
        write(level_of(outcome->came), text, outcome->version);
}

}  // namespace slotd::file
