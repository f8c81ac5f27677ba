// SPDX-License-Identifier: MIT
#include "slotd/file/history.hpp"

#include "kept_file.hpp"
#include "slotd/file/hash.hpp"
#include "slotd/sync/file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

// Adding writes the text before the index names it, pruning takes it out of the index before the
// text goes: a slotd that is killed in between leaves at most a text that nobody names, and the
// next version of that number writes over it.

namespace slotd::file {
namespace {

std::string index_path(const std::string& folder) {
    return folder + "/index.json";
}

}  // namespace

model::Result<void> History::make_folder(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return model::Error(model::ErrorKind::refused,
                            "can't be made: " + std::generic_category().message(errno), folder,
                            "slotd keeps the file's history there: `state_dir` in [admin] must be "
                            "a folder that slotd may write to");
    return {};
}

model::Result<History> History::open(std::string folder, std::size_t keep) {
    History history(std::move(folder), keep);
    const std::string path = index_path(history.folder_);
    const auto text = read_kept(path);
    if (!text)
        return text.error();
    if (!*text)
        return history;
    auto index = parse_index(**text, path);
    if (!index)
        return std::move(index).error();
    history.index_ = *std::move(index);
    return history;
}

std::string History::path_of(unsigned number) const {
    return folder_ + "/" + std::to_string(number) + ".cfg";
}

model::Result<void> History::check_begun() const {
    if (!index_.versions.empty())
        return {};
    return model::Error(model::ErrorKind::refused, "there are no versions yet", {},
                        "the first is made when the file is written: by `slotd render`, or by "
                        "`slotd run` with [file] in its configuration");
}

model::Result<std::string> History::text(unsigned number) const {
    if (auto begun = check_begun(); !begun)
        return begun.error();
    const Version* version = index_.find(number);
    if (!version)
        return model::Error(model::ErrorKind::usage,
                            "there is no version " + std::to_string(number), {},
                            "`slotd history` lists them");
    auto text = sync::read_file(path_of(number));
    if (!text)
        return model::Error(model::ErrorKind::refused, "can't be read: " + text.error().what,
                            path_of(number));
    if (sha256(*text) != version->hash)
        return model::Error(model::ErrorKind::unreadable,
                            "this is not the text of version " + std::to_string(number),
                            path_of(number), "somebody changed it; slotd will not use it");
    return text;
}

model::Result<unsigned> History::add(std::string_view text, Grade grade, std::string why,
                                     model::WallTime now, bool pins) {
    Index index = index_;
    const unsigned number = index.next++;
    if (auto written = sync::replace_file(path_of(number), text); !written)
        return written.error();
    index.versions.emplace_back(number, std::chrono::floor<std::chrono::seconds>(now), grade,
                                sha256(text), std::move(why));
    index.versions.back().pins = pins;
    if (auto saved = save(std::move(index)); !saved)
        return saved.error();
    prune();
    return number;
}

model::Result<void> History::save(Index index) {
    if (auto written = sync::replace_file(index_path(folder_), to_json(index)); !written)
        return written;
    index_ = std::move(index);
    return {};
}

model::Result<void> History::drop(const std::vector<unsigned>& numbers) {
    Index index = index_;
    std::erase_if(index.versions, [&](const Version& version) {
        return std::find(numbers.begin(), numbers.end(), version.number) != numbers.end();
    });
    if (auto saved = save(std::move(index)); !saved)
        return saved;
    for (const unsigned number : numbers) ::unlink(path_of(number).c_str());
    return {};
}

void History::prune() {
    std::vector<unsigned> gone;
    const std::size_t too_many = index_.versions.size() - std::min(keep_, index_.versions.size());
    for (const Version& version : index_.versions) {
        if (gone.size() == too_many)
            break;
        if (version.number != index_.placed && version.number != index_.pinned &&
            &version != index_.newest())
            gone.push_back(version.number);
    }
    // A version too many does no harm: what goes wrong here is left to the next time.
    if (!gone.empty())
        (void)drop(gone);
}

}  // namespace slotd::file
