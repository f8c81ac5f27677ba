// SPDX-License-Identifier: MIT
#include "status_notes.hpp"

#include "count.hpp"
#include "slotd/model/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace slotd::app {
namespace {


std::string in_words(std::chrono::seconds time) {
    const auto count = std::max<std::chrono::seconds::rep>(time.count(), 0);
    if (count < 120)
        return std::to_string(count) + " s";
    if (count < 2 * 3600)
        return std::to_string(count / 60) + " min";
    if (count < 2 * 24 * 3600)
        return std::to_string(count / 3600) + " h";
    return std::to_string(count / (24 * 3600)) + " d";
}

/// The notes of one backend.
class Notes {
  public:
    Notes(model::WallTime now, const Colours& colours, std::size_t most)
        : now_(now), colours_(colours), most_(most) {}

    std::vector<std::string> of(const nlohmann::json& backend) {
        add_hold(backend.at("held"));
        if (backend.at("paused").get<bool>())
            add_pause(backend);
        if (const nlohmann::json& error = backend.at("last_error"); !error.is_null())
            notes_.push_back(in(colours_.bad, "failed") + ": " + shown(error));
        add_list(backend.at("waiting"),
                 [](const nlohmann::json& one) { return shown(one) + " waits for a slot"; });
        add_list(backend.at("refused"), [](const nlohmann::json& one) {
            return shown(one.at("instance")) + " can't be served: " + shown(one.at("why"));
        });
        return std::move(notes_);
    }

  private:
    std::string in(std::string_view colour, const std::string& text) const {
        return std::string(colour) + text + std::string(colour.empty() ? "" : colours_.end);
    }

    void add_hold(const nlohmann::json& held) {
        if (held.is_null())
            return;
        notes_.push_back(in(colours_.doubtful, "held for " + age(held.at("since"), now_)) + " (" +
                         shown(held.at("reason")) + "): " + shown(held.at("detail")));
    }

    void add_pause(const nlohmann::json& backend) {
        const nlohmann::json& until = backend.at("paused_until");
        const nlohmann::json& would = backend.at("would");
        notes_.push_back(in(colours_.doubtful, "paused") +
                         (until.is_null() ? ", until `slotd resume`" : " until " + shown(until)) +
                         (would.empty() ? "; there is nothing to send"
                                        : "; would send " + count(would.size(), "command")));
        add_list(would, [](const nlohmann::json& command) { return "  " + shown(command); });
    }

    void add_list(const nlohmann::json& list, const auto& text_of) {
        const std::size_t all = list.size();
        // One that would be left out takes no more room than the line that says so.
        const std::size_t some = all > most_ + 1 ? most_ : all;
        for (std::size_t i = 0; i < some; ++i) notes_.push_back(text_of(list.at(i)));
        if (some < all)
            notes_.push_back("  and " + std::to_string(all - some) + " more");
    }

    model::WallTime now_;
    const Colours& colours_;
    std::size_t most_;
    std::vector<std::string> notes_;
};

}  // namespace

std::string age(const nlohmann::json& time, model::WallTime now) {
    const auto read = time.is_string() ? model::parse_utc(time.get<std::string>()) : std::nullopt;
    if (!read)
        return "-";
    return in_words(std::chrono::duration_cast<std::chrono::seconds>(now - *read));
}

std::string shown(const nlohmann::json& text) {
    return text.is_string() ? model::printable(text.get<std::string>(), 500) : std::string();
}

bool is_well(const nlohmann::json& backend) {
    return backend.at("held").is_null() && !backend.at("paused").get<bool>() &&
           backend.at("last_error").is_null() && backend.at("waiting").empty() &&
           backend.at("refused").empty() && !backend.at("last_success").is_null();
}

std::vector<std::string> status_notes(const nlohmann::json& backend, model::WallTime now,
                                      const Colours& colours, std::size_t most) {
    return Notes(now, colours, most).of(backend);
}

}  // namespace slotd::app
