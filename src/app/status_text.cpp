// SPDX-License-Identifier: MIT
#include "slotd/app/status_text.hpp"

#include "count.hpp"
#include "listing.hpp"
#include "slotd/model/text.hpp"
#include "status_notes.hpp"
#include "table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace slotd::app {
namespace {

using StatusJson = nlohmann::json;
using model::Error;
using model::ErrorKind;
using model::WallTime;

// Of a list of commands or instances, where all backends are shown.
constexpr std::size_t some = 3;
constexpr std::size_t no_limit = 1'000'000;

std::string ago(const StatusJson& time, WallTime now) {
    const std::string text = age(time, now);
    return text == "-" ? text : text + " ago";
}

std::string slot_counts(const StatusJson& slots) {
    std::vector<std::string> parts;
    for (const char* state : {"ready", "draining", "out", "free"})
        if (const auto count = slots.at(state).get<unsigned>(); count > 0)
            parts.push_back(std::to_string(count) + " " + state);
    return parts.empty() ? "none" : listing(parts, ", ");
}

std::string instance_counts(const StatusJson& instances) {
    std::string text = std::to_string(instances.at("serving").get<unsigned>()) + " serving";
    for (const char* state : {"waiting", "refused"})
        if (const auto count = instances.at(state).get<unsigned>(); count > 0)
            text += ", " + std::to_string(count) + " " + state;
    return text;
}

std::string source_of(const StatusJson& backend) {
    return backend.at("service").is_null() ? "key " + shown(backend.at("kv"))
                                           : shown(backend.at("service"));
}

WallTime now_of(const StatusJson& document) {
    // Ages are by the clock that the times are by.
    return model::parse_utc(document.at("now").get<std::string>()).value_or(WallTime());
}

class Writer {
  public:
    Writer(const StatusJson& document, const Colours& colours)
        : document_(document),
          backends_(document.at("backends")),
          now_(now_of(document)),
          colours_(colours) {}

    std::string all() const {
        if (backends_.empty())
            return head() +
                   "\nno backend has slots that slotd follows (`slotd slots` prints their line)\n";
        Table table({"BACKEND", "FOLLOWS", "INSTANCES", "SLOTS", "CHANGED", "IN STEP"});
        for (const bool well : {false, true})
            for (const StatusJson& backend : backends_)
                if (is_well(backend) == well)
                    add_backend(table, backend);
        return head() + summary() + "\n" + table.text(colours_.head, colours_.end);
    }

    // One backend, which may have slots on several HAProxys, or that follow different lists.
    std::string slots() const {
        std::string text;
        for (const StatusJson& backend : backends_) {
            text += (text.empty() ? "" : "\n") + name(backend) + " follows " + source_of(backend) +
                    ": " + instance_counts(backend.at("instances")) + "; changed " +
                    ago(backend.at("last_change"), now_) + ", in step " +
                    ago(backend.at("last_success"), now_) + "\n";
            for (const std::string& note : status_notes(backend, now_, colours_, no_limit))
                text += "    " + note + "\n";
            Table table({"SLOT", "STATE", "ADDRESS", "WEIGHT", "INSTANCE", "NODE", "SINCE"});
            for (const StatusJson& slot : backend.at("slot")) add_slot(table, slot);
            text += table.text(colours_.head, colours_.end);
        }
        return text;
    }

  private:
    std::string in(std::string_view colour, const std::string& text) const {
        return std::string(colour) + text + std::string(colour.empty() ? "" : colours_.end);
    }

    std::string head() const {
        const bool ready = document_.at("ready").get<bool>();
        std::string text =
            "slotd " + shown(document_.at("version")) + ", up " +
            age(document_.at("started"), now_) + ", " +
            (ready ? in(colours_.good, "ready") : in(colours_.doubtful, "not ready")) + "\n";
        for (const StatusJson& reason : document_.at("not_ready"))
            text += "    " + shown(reason) + "\n";
        for (const StatusJson& haproxy : document_.at("haproxy")) {
            const std::string on = " on " + shown(haproxy.at("socket"));
            if (haproxy.at("up").get<bool>())
                text += "HAProxy " + shown(haproxy.at("version")) + ", pid " +
                        std::to_string(haproxy.at("pid").get<long>()) + on + "\n";
            else
                text += in(colours_.bad, "HAProxy does not answer") + on + ": " +
                        shown(haproxy.at("error")) + "\n";
        }
        // A slotd of an earlier version has no such key.
        if (const auto file = document_.find("file"); file != document_.end() && !file->is_null())
            text += file_text(*file);
        return text;
    }

    std::string file_text(const StatusJson& file) const {
        std::string text = shown(file.at("path")) + ": ";
        text += file.at("version").is_null()
                    ? "no version in place"
                    : "version " + std::to_string(file.at("version").get<unsigned>());
        text += ", " + std::to_string(file.at("backends").get<std::size_t>()) + " backends";
        if (const auto lingering = file.at("lingering").get<std::size_t>(); lingering > 0)
            text += ", " + std::to_string(lingering) + " of services that are gone";
        text += "\n";
        const auto note = [&](std::string_view colour, std::string_view word,
                              const std::string& rest) {
            text += "    " + in(colour, std::string(word)) + rest + "\n";
        };
        if (!file.at("pinned").is_null())
            note(colours_.doubtful, "pinned",
                 " since a rollback: nothing is rendered until `slotd render --unpin`");
        if (file.at("edited").get<bool>())
            note(colours_.doubtful, "edited",
                 " by somebody else: it is left alone until `slotd render --force`");
        if (const StatusJson& error = file.at("error"); !error.is_null())
            note(colours_.bad, "failed", ": " + shown(error));
        if (const StatusJson& doubt = file.at("doubt"); !doubt.is_null())
            note(colours_.doubtful, "in doubt", ": " + shown(doubt));
        return text;
    }

    // "3 backends: 1 held, 1 paused", so that nothing hides in a long list.
    std::string summary() const {
        const auto count = [&](const auto& is_so) {
            return std::count_if(backends_.begin(), backends_.end(), is_so);
        };
        std::vector<std::string> parts;
        const auto add = [&](auto number, const char* what) {
            if (number > 0)
                parts.push_back(std::to_string(number) + " " + what);
        };
        add(count([](const StatusJson& one) { return !one.at("held").is_null(); }), "held");
        add(count([](const StatusJson& one) { return one.at("paused").get<bool>(); }), "paused");
        add(count([](const StatusJson& one) { return !one.at("last_error").is_null(); }), "failed");
        add(count([](const StatusJson& one) { return one.at("last_success").is_null(); }),
            "not yet in step");
        add(count([](const StatusJson& one) { return !one.at("waiting").empty(); }),
            "with instances that wait");
        add(count([](const StatusJson& one) { return !one.at("refused").empty(); }),
            "with instances that can't be served");
        const std::size_t all = backends_.size();
        return app::count(all, "backend") + ": " +
               (parts.empty() ? "all is well" : listing(parts, ", ")) + "\n";
    }

    std::string name(const StatusJson& backend) const {
        std::string text = shown(backend.at("name"));
        if (document_.at("haproxy").size() > 1)
            text += " on " + shown(backend.at("socket"));
        return text;
    }

    std::string_view state_colour(const StatusJson& backend) const {
        if (!backend.at("last_error").is_null())
            return colours_.bad;
        return is_well(backend) ? colours_.good : colours_.doubtful;
    }

    void add_backend(Table& table, const StatusJson& backend) const {
        table.add({Table::Cell(name(backend), state_colour(backend)), source_of(backend),
                   instance_counts(backend.at("instances")), slot_counts(backend.at("slots")),
                   ago(backend.at("last_change"), now_), ago(backend.at("last_success"), now_)});
        for (std::string& note : status_notes(backend, now_, colours_, some))
            table.note(std::move(note));
    }

    void add_slot(Table& table, const StatusJson& slot) const {
        const std::string state = shown(slot.at("state"));
        std::string_view colour;
        if (state == "ready")
            colour = colours_.good;
        else if (state != "free")
            colour = colours_.doubtful;
        std::string address = shown(slot.at("address"));
        if (address.find(':') != std::string::npos)
            address = "[" + address + "]";
        if (!slot.at("port").is_null())
            address += ":" + std::to_string(slot.at("port").get<unsigned>());
        const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
        table.add({shown(slot.at("name")), Table::Cell(state, colour), or_dash(address),
                   std::to_string(slot.at("weight").get<unsigned>()),
                   or_dash(shown(slot.at("instance"))), or_dash(shown(slot.at("node"))),
                   age(slot.at("since"), now_)});
    }

    const StatusJson& document_;
    const StatusJson& backends_;
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
                                       const Colours& colours) {
    const StatusJson read = StatusJson::parse(document, nullptr, false);
    try {
        const Writer writer(read, colours);
        return backend.empty() ? writer.all() : writer.slots();
    } catch (const StatusJson::exception& error) {
        return Error(ErrorKind::unreadable,
                     "this is no status document: " + model::printable(error.what()), {},
                     "is it a slotd of this version that answers there?");
    }
}

}  // namespace slotd::app
