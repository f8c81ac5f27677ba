// SPDX-License-Identifier: MIT
#include "slotd/file/backends.hpp"

#include "slotd/file/values.hpp"
#include "slotd/model/slot_line.hpp"
#include "slotd/model/slot_name.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

namespace slotd::file {
namespace {

// More than that in one backend, and HAProxy takes seconds to start.
constexpr int most_slots = 10'000;

bool has_tag(const std::vector<std::string>& tags, const std::string& tag) {
    return std::any_of(tags.begin(), tags.end(),
                       [&](const std::string& one) { return model::same_but_for_case(one, tag); });
}

model::Result<std::string> host_of(const std::string& service) {
    model::NamesService names;
    names.service = service;
    return format_slot_name(names);
}

constexpr const char* slots_key = "slotd-slots";

std::optional<int> parse_count(std::string_view text) {
    int count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || count < 1 ||
        count > most_slots)
        return std::nullopt;
    return count;
}

int slot_count(const Meta& meta, int otherwise) {
    const auto found = meta.find(slots_key);
    return found == meta.end() ? otherwise : parse_count(found->second).value_or(otherwise);
}

Section section_of(const std::string& service, const Backend& backend, int slots) {
    Section section;
    // select() takes no other names.
    section.name = service;
    section.service = service;
    section.slot_count = slot_count(backend.meta, slots);
    section.slots = to_string(model::SlotLine(section.slot_count, host_of(service).value()));
    for (const std::string& tag : backend.tags) section.tags.push_back(word(tag));
    for (const auto& [key, value] : backend.meta) section.meta.emplace(key, word(value));
    return section;
}

std::string kv_slots(const std::string& name, int slots) {
    model::NamesKv names;
    names.name = name;
    const auto host = format_slot_name(names);
    if (!host)
        return {};
    model::SlotLine line(slots, *host);
    // Of its own, so that two of them may stand in one backend.
    line.prefix = name + "-";
    return to_string(line);
}

}  // namespace

Selection select(const ServiceTags& services, const Settings& settings) {
    Selection selection;
    for (const auto& [name, tags] : services) {
        if (!settings.tag.empty() && !has_tag(tags, settings.tag))
            continue;
        if (!model::matches_glob(name, settings.services))
            continue;
        if (const auto host = host_of(name); !host) {
            selection.refused.emplace_back(
                model::ErrorKind::config, host.error().what,
                "service " + model::printable(name, 100),
                "it gets no backend in the managed file: register it under another name, or write "
                "its backend into the template and name it in [backend.NAME]");
            continue;
        }
        std::set<std::string> sorted(tags.begin(), tags.end());
        selection.services.emplace(name, std::vector<std::string>(sorted.begin(), sorted.end()));
    }
    return selection;
}

Meta agreed_meta(const model::Instances& instances, const Meta& before) {
    if (instances.list.empty())
        return before;
    std::map<std::string, std::map<std::string, std::size_t>> values;
    for (const model::Instance& instance : instances.list)
        for (const auto& [key, value] : instance.meta)
            if (!value.empty())
                ++values[key][value];
    Meta agreed;
    for (const auto& [key, counts] : values) {
        const auto old = before.find(key);
        if (old != before.end() && counts.contains(old->second)) {
            agreed.emplace(*old);
            continue;
        }
        const auto most =
            std::max_element(counts.begin(), counts.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        agreed.emplace(key, most->first);
    }
    return agreed;
}

Merged merge(Backends before, const Selection& selection, const std::map<std::string, Meta>& meta,
             model::WallTime now) {
    Merged merged;
    for (const auto& [service, tags] : selection.services) {
        const auto known = meta.find(service);
        const auto old = before.find(service);
        if (old == before.end() && known == meta.end()) {
            merged.metaless.push_back(service);
            continue;
        }
        Backend& backend = before[service];
        if (old == before.end())
            merged.came.push_back(service);
        else if (backend.gone_since)
            merged.back.push_back(service);
        backend.gone_since.reset();
        backend.tags = tags;
        if (known != meta.end())
            backend.meta = known->second;
    }
    for (auto& [service, backend] : before) {
        if (selection.services.contains(service) || backend.gone_since)
            continue;
        backend.gone_since = now;
        merged.left.push_back(service);
    }
    merged.backends = std::move(before);
    return merged;
}

std::vector<std::string> overdue(const Backends& backends, model::WallTime now,
                                 std::chrono::milliseconds linger) {
    std::vector<std::string> due;
    for (const auto& [service, backend] : backends)
        if (backend.gone_since && *backend.gone_since + linger <= now)
            due.push_back(service);
    return due;
}

std::string why(const std::vector<std::string>& came, const std::vector<std::string>& went) {
    static constexpr std::size_t most = 10;
    const auto listed = [](const std::vector<std::string>& names) {
        std::string text;
        for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
            text += (i == 0 ? "" : ", ") + names[i];
        if (names.size() > most)
            text += " and " + std::to_string(names.size() - most) + " more";
        return text;
    };
    std::string text;
    if (!came.empty())
        text = listed(came) + " came";
    if (!went.empty())
        text += (text.empty() ? "" : "; ") + listed(went) + " went";
    return text;
}

std::vector<model::Error> remarks_on(const Backends& backends) {
    std::vector<model::Error> remarks;
    for (const auto& [service, backend] : backends) {
        const auto found = backend.meta.find(slots_key);
        if (found != backend.meta.end() && !parse_count(found->second))
            remarks.emplace_back(model::ErrorKind::config,
                                 "meta slotd-slots = \"" + model::printable(found->second) +
                                     "\" is no number from 1 to " + std::to_string(most_slots),
                                 "service " + service,
                                 "its backend gets the number of `slots` in [file]");
    }
    return remarks;
}

model::Error hidden(const std::string& service) {
    return model::Error(model::ErrorKind::refused,
                        "Consul does not list it, but to this token it may be hidden; its backend "
                        "stays",
                        "service " + service, "the token needs service:read");
}

Content content_of(const Backends& backends, int slots,
                   const std::map<std::string, std::string>& kv_lines,
                   const std::vector<std::string>& kv_names) {
    Content content;
    for (const auto& [service, backend] : backends)
        content.backends.push_back(section_of(service, backend, slots));
    for (const std::string& name : kv_names) content.slots.emplace(name, kv_slots(name, slots));
    content.lines = kv_lines;
    return content;
}

}  // namespace slotd::file
