// SPDX-License-Identifier: MIT
#include "slotd/sync/repeats.hpp"

#include <algorithm>

namespace slotd::sync {
namespace {

using std::chrono::minutes;

constexpr minutes first_pause(1);
constexpr minutes last_pause(60);
constexpr unsigned most_returns = 2;
// A text that never is the same (a number in it) would be a flood, too: those above share a place.
constexpr std::size_t most_texts = 8;

std::string seconds_between(model::Time began, model::Time now) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - began).count()) +
           " s";
}

}  // namespace

std::optional<std::string> Repeats::line(const std::string& text, model::Time now) {
    if (tries_++ == 0)
        began_ = now;
    const bool has_place = said_.contains(text) || said_.size() < most_texts;
    const auto [found, is_new] = said_.try_emplace(has_place ? text : std::string(), now);
    Said& said = found->second;
    if (is_new) {
        is_told_ = true;
        return text;
    }
    ++said.since;
    const bool is_due = now - said.at >= said.pause;
    if (!is_due && !(said.is_over && said.returns < most_returns)) {
        said.is_over = false;
        return std::nullopt;
    }
    std::string again = text;
    if (is_due) {
        if (said.since > 1)
            again += " (" + std::to_string(said.since) + " times in " +
                     seconds_between(said.at, now) + ")";
        said.pause = std::min(said.pause * 10, last_pause);
    } else {
        ++said.returns;
    }
    said.is_over = false;
    said.at = now;
    said.since = 0;
    is_told_ = true;
    return again;
}

std::optional<Repeats::Over> Repeats::over(model::Time now) {
    std::optional<Over> over;
    if (is_told_)
        over = Over{tries_, "after " + std::to_string(tries_) + (tries_ == 1 ? " try" : " tries") +
                                " in " + seconds_between(began_, now)};
    tries_ = 0;
    is_told_ = false;
    std::erase_if(said_, [now](const auto& entry) { return now - entry.second.at >= first_pause; });
    for (auto& [text, said] : said_) {
        said.is_over = true;
        said.pause = first_pause;
    }
    return over;
}

}  // namespace slotd::sync
