// SPDX-License-Identifier: MIT
#include "slotd/file/history.hpp"
#include "slotd/model/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace slotd::file {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, Grade>, 5> grades{{{"new", Grade::fresh},
                                                                    {"good", Grade::good},
                                                                    {"refused", Grade::refused},
                                                                    {"failed", Grade::failed},
                                                                    {"edited", Grade::edited}}};

/// What is not as it must be; thrown and caught within this file.
struct Wrong {
    std::string what;
};

Grade grade_of(const std::string& text) {
    for (const auto& [name, grade] : grades)
        if (name == text)
            return grade;
    throw Wrong{"no grade is \"" + model::printable(text) + "\""};
}

Version version_of(const Json& json) {
    const auto time = json.at("time").get<std::string>();
    const auto parsed = model::parse_utc(time);
    if (!parsed)
        throw Wrong{"no time is \"" + model::printable(time) + "\""};
    Version version(json.at("number").get<unsigned>(), *parsed,
                    grade_of(json.at("grade").get<std::string>()),
                    json.at("hash").get<std::string>(), json.at("why").get<std::string>());
    version.note = json.value("note", std::string());
    version.pins = json.value("pins", false);
    return version;
}

std::optional<unsigned> number_of(const Json& json, const char* name, const Index& index) {
    if (!json.contains(name))
        return std::nullopt;
    const auto number = json.at(name).get<unsigned>();
    if (!index.find(number))
        throw Wrong{std::string(name) + " names version " + std::to_string(number) +
                    ", which is not there"};
    return number;
}

Index index_of(const Json& json) {
    Index index;
    for (const Json& one : json.at("versions")) {
        Version version = version_of(one);
        if (version.number < index.next)
            throw Wrong{"version " + std::to_string(version.number) + " is out of order"};
        index.next = version.number + 1;
        index.versions.push_back(std::move(version));
    }
    const auto next = json.at("next").get<unsigned>();
    if (next < index.next)
        throw Wrong{"the next version would be " + std::to_string(next)};
    index.next = next;
    index.placed = number_of(json, "placed", index);
    index.pinned = number_of(json, "pinned", index);
    return index;
}

model::Error unreadable_index(std::string what, const std::string& path) {
    return model::Error(model::ErrorKind::unreadable,
                        "the history can't be read: " + model::printable(what), path,
                        "slotd writes this file whole; with it moved away a new history begins");
}

}  // namespace

std::string_view to_string(Grade grade) {
    for (const auto& [name, one] : grades)
        if (one == grade)
            return name;
    return {};
}

const Version* Index::find(std::optional<unsigned> number) const {
    const auto found = std::find_if(versions.begin(), versions.end(),
                                    [&](const Version& one) { return number == one.number; });
    return found == versions.end() ? nullptr : &*found;
}

Version* Index::find(std::optional<unsigned> number) {
    return const_cast<Version*>(std::as_const(*this).find(number));
}

bool Index::was_on_its_way(const Version& version) const {
    return (version.grade == Grade::fresh || version.grade == Grade::failed) &&
           (!placed || version.number > *placed);
}

bool Index::is_own(const std::string& hash) const {
    return std::any_of(versions.begin(), versions.end(), [&](const Version& one) {
        return one.hash == hash && (one.number == placed || was_on_its_way(one));
    });
}

std::string to_json(const Index& index) {
    Json versions = Json::array();
    for (const Version& version : index.versions) {
        Json one{{"number", version.number},
                 {"time", model::utc_text(version.time)},
                 {"grade", to_string(version.grade)},
                 {"hash", version.hash},
                 {"why", version.why}};
        if (!version.note.empty())
            one["note"] = version.note;
        if (version.pins)
            one["pins"] = true;
        versions.push_back(std::move(one));
    }
    Json json{{"next", index.next}};
    if (index.placed)
        json["placed"] = *index.placed;
    if (index.pinned)
        json["pinned"] = *index.pinned;
    json["versions"] = std::move(versions);
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

model::Result<Index> parse_index(const std::string& text, const std::string& path) {
    try {
        return index_of(Json::parse(text));
    } catch (const Json::exception& error) {
        return unreadable_index(error.what(), path);
    } catch (const Wrong& wrong) {
        return unreadable_index(wrong.what, path);
    }
}

}  // namespace slotd::file
