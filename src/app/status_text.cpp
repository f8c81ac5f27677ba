// SPDX-License-Identifier: MIT
#include "status_text.hpp"

#include "slotd/model/text.hpp"
#include "table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace slotd::app {
namespace {

using StatusJson = nlohmann::json;
using model::Error;
using model::ErrorKind;
using model::WallTime;

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

// What of `text` is a time of the document; "-" for null.
std::string age(const StatusJson& text, WallTime now) {
    const auto time = text.is_string() ? model::parse_utc(text.get<std::string>()) : std::nullopt;
    if (!time)
        return "-";
    return in_words(std::chrono::duration_cast<std::chrono::seconds>(now - *time));
}

std::string ago(const StatusJson& text, WallTime now) {
    const std::string time = age(text, now);
    return time == "-" ? time : time + " ago";
}

// A document from elsewhere is shown as carefully as one of Consul's.
std::string shown(const StatusJson& text) {
    return text.is_string() ? model::printable(text.get<std::string>(), 500) : std::string();
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string slot_counts(const StatusJson& slots) {
    std::vector<std::string> parts;
    for (const char* state : {"ready", "draining", "out", "free"})
        if (const auto count = slots.value(state, 0U); count > 0)
            parts.push_back(std::to_string(count) + " " + state);
    return parts.empty() ? "none" : joined(parts);
}

std::string instance_counts(const StatusJson& instances) {
    std::string text = std::to_string(instances.value("serving", 0U)) + " serving";
    for (const char* state : {"waiting", "refused"})
        if (const auto count = instances.value(state, 0U); count > 0)
            text += ", " + std::to_string(count) + " " + state;
    return text;
}

class Writer {
  public:
    Writer(const StatusJson& document, WallTime now, const Colours& colours)
        : document_(document), now_(now), colours_(colours) {}

    std::string all() const {
        std::string text = head();
        const StatusJson& backends = document_.at("backends");
        if (backends.empty())
            return text +
                   "no backend has slots that slotd follows (`slotd slots` prints their "
                   "line)\n";
        Table table({"BACKEND", "FOLLOWS", "INSTANCES", "SLOTS", "CHANGED", "IN STEP"});
        for (const StatusJson& backend : backends) {
            table.add({Table::Cell(name(backend), state_colour(backend)),
                       shown(backend.at("service")), instance_counts(backend.at("instances")),
                       slot_counts(backend.at("slots")), ago(backend.at("last_change"), now_),
                       ago(backend.at("last_success"), now_)});
            for (std::string& note : notes(backend)) table.note(std::move(note));
        }
        return text + table.text(colours_.head, colours_.end);
    }

    // All groups of the backend, on every HAProxy.
    std::string one(const std::string& wanted) const {
        std::string text;
        for (const StatusJson& backend : document_.at("backends")) {
            if (shown(backend.at("name")) != wanted)
                continue;
            text += (text.empty() ? "" : "\n") + name(backend) + " follows " +
                    shown(backend.at("service")) + ": " + instance_counts(backend.at("instances")) +
                    "; " + slot_counts(backend.at("slots")) + "\n";
            for (const std::string& note : notes(backend)) text += "    " + note + "\n";
            Table table({"SLOT", "STATE", "ADDRESS", "WEIGHT", "INSTANCE", "NODE", "SINCE"});
            for (const StatusJson& slot : backend.at("slot")) add(table, slot);
            text += table.text(colours_.head, colours_.end);
        }
        return text;
    }

  private:
    std::string coloured(std::string_view colour, const std::string& text) const {
        return std::string(colour) + text + std::string(colour.empty() ? "" : colours_.end);
    }

    std::string head() const {
        const bool ready = document_.value("ready", false);
        std::string text =
            "slotd " + shown(document_.at("version")) + ", up " +
            age(document_.at("started"), now_) + ", " +
            (ready ? coloured(colours_.good, "ready") : coloured(colours_.doubtful, "not ready")) +
            "\n";
        for (const StatusJson& reason : document_.value("not_ready", StatusJson::array()))
            text += "    " + shown(reason) + "\n";
        for (const StatusJson& haproxy : document_.at("haproxys")) {
            if (haproxy.value("up", false))
                text += "HAProxy " + shown(haproxy.at("version")) + ", pid " +
                        std::to_string(haproxy.value("pid", 0L)) + " on " +
                        shown(haproxy.at("socket")) + "\n";
            else
                text += coloured(colours_.bad, "HAProxy does not answer") + " on " +
                        shown(haproxy.at("socket")) + ": " + shown(haproxy.at("error")) + "\n";
        }
        return text + "\n";
    }

    std::string name(const StatusJson& backend) const {
        std::string text = shown(backend.at("name"));
        if (document_.at("haproxys").size() > 1)
            text += " on " + shown(backend.at("socket"));
        return text;
    }

    std::string_view state_colour(const StatusJson& backend) const {
        if (!backend.at("held").is_null() || backend.value("paused", false))
            return colours_.doubtful;
        return backend.at("last_error").is_null() ? colours_.good : colours_.bad;
    }

    std::vector<std::string> notes(const StatusJson& backend) const {
        std::vector<std::string> notes;
        if (const StatusJson& held = backend.at("held"); !held.is_null())
            notes.push_back(coloured(colours_.doubtful, "held for " + age(held.at("since"), now_)) +
                            " (" + shown(held.at("reason")) + "): " + shown(held.at("detail")));
        if (backend.value("paused", false)) {
            const StatusJson& until = backend.at("paused_until");
            notes.push_back(
                coloured(colours_.doubtful, "paused") +
                (until.is_null() ? ", until somebody resumes it" : " until " + shown(until)) +
                "; would send " + std::to_string(backend.at("would").size()) + " commands");
            for (const StatusJson& command : backend.at("would")) notes.push_back("  " + shown(command));
        }
        if (const StatusJson& error = backend.at("last_error"); !error.is_null())
            notes.push_back(coloured(colours_.bad, "failed") + ": " + shown(error));
        for (const StatusJson& waiting : backend.at("waiting"))
            notes.push_back(shown(waiting) + " waits for a slot");
        for (const StatusJson& refused : backend.at("refused"))
            notes.push_back(shown(refused.at("instance")) +
                            " can't be served: " + shown(refused.at("why")));
        return notes;
    }

    void add(Table& table, const StatusJson& slot) const {
        const std::string state = shown(slot.at("state"));
        std::string_view colour;
        if (state == "ready")
            colour = colours_.good;
        else if (state != "free")
            colour = colours_.doubtful;
        std::string address = shown(slot.at("address"));
        if (address.find(':') != std::string::npos)
            address = "[" + address + "]";
        if (!address.empty())
            address += ":" + std::to_string(slot.value("port", 0U));
        table.add({shown(slot.at("name")), Table::Cell(state, colour),
                   address.empty() ? "-" : address, std::to_string(slot.value("weight", 0U)),
                   shown(slot.at("instance")), shown(slot.at("node")),
                   age(slot.at("since"), now_)});
    }

    const StatusJson& document_;
    WallTime now_;
    const Colours& colours_;
};

}  // namespace

Colours Colours::ansi() {
    Colours colours;
    colours.good = "\x1b[32m";
    colours.doubtful = "\x1b[33m";
    colours.bad = "\x1b[31m";
    colours.head = "\x1b[1m";
    colours.end = "\x1b[0m";
    return colours;
}

model::Result<std::string> status_text(std::string_view document, const std::string& backend,
                                       WallTime now, const Colours& colours) {
    const StatusJson read = StatusJson::parse(document, nullptr, false);
    try {
        const Writer writer(read, now, colours);
        std::string text = backend.empty() ? writer.all() : writer.one(backend);
        if (text.empty())
            return Error(ErrorKind::refused,
                         "slotd follows no backend \"" + model::printable(backend) + "\"", {},
                         "`slotd status` lists those that it follows");
        return text;
    } catch (const StatusJson::exception& error) {
        return Error(ErrorKind::unreadable,
                     std::string("this is no status document: ") + error.what(), {},
                     "is it a slotd of this version that answers there?");
    }
}

}  // namespace slotd::app
