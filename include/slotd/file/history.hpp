// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"
#include "slotd/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::file {

enum class Grade {
    fresh,    ///< not yet proven: on its way into place, or no HAProxy runs that could load it
    good,     ///< HAProxy runs, or ran, with it
    refused,  ///< HAProxy's check did not take it: it was never in place
    failed,   ///< HAProxy did not come up with it: it was taken out of its place again
    edited,   ///< not slotd's: found in the file's place, and kept
};

/// "new", "good", "refused", "failed", "edited".
std::string_view to_string(Grade grade);

struct Version {
    unsigned number;
    model::WallTime time;
    Grade grade;
    std::string hash;  ///< sha256()
    std::string why;   ///< printable: "web came"
    std::string note;  ///< printable: why it is not good; may be empty
    bool pins = false;  ///< to be pinned as soon as it is in place: a rollback made it

    Version(unsigned number_, model::WallTime time_, Grade grade_, std::string hash_,
            std::string why_)
        : number(number_),
          time(time_),
          grade(grade_),
          hash(std::move(hash_)),
          why(std::move(why_)) {}
    bool operator==(const Version&) const = default;
};

/// What is remembered of all versions but their texts.
struct Index {
    std::vector<Version> versions;   ///< oldest first, numbers rising
    unsigned next = 1;               ///< the next version's number: none is given twice
    std::optional<unsigned> placed;  ///< the one that is meant to be in the file's place
    std::optional<unsigned> pinned;  ///< the one that stays there until it is unpinned

    Index() = default;
    bool operator==(const Index&) const = default;

    const Version* find(std::optional<unsigned> number) const;
    Version* find(std::optional<unsigned> number);
    const Version* newest() const { return versions.empty() ? nullptr : &versions.back(); }
    /// Later than the version in place, and was renamed over, or about to be.
    bool was_on_its_way(const Version& version) const;
    /// A file with this hash is the version in place, or one that was on its way there: nobody else
    /// wrote it.
    bool is_own(const std::string& hash) const;
};

/// The text of the index's file, and back. `path` is for the messages.
std::string to_json(const Index& index);
model::Result<Index> parse_index(const std::string& text, const std::string& path);

/// The versions of one managed file, in a folder that only slotd's user can read (haproxy.cfg may
/// hold passwords): `index.json`, and each text as N.cfg. Whatever happens in between, the index
/// on disk is a whole one and the texts it names are there.
class History {
  public:
    /// Makes the folder when it is not there. For those who write into it: who made it owns it.
    static model::Result<void> make_folder(const std::string& folder);
    /// Without the folder, or an index in it, there are no versions. `keep` of them stay, besides
    /// those in use.
    static model::Result<History> open(std::string folder, std::size_t keep);

    const Index& index() const { return index_; }
    /// An error, for those who need a version, while there is none at all.
    model::Result<void> check_begun() const;
    /// The text of a version; an error also when it is not what the index says.
    model::Result<std::string> text(unsigned number) const;

    /// Keeps a text as a new version and returns its number; the oldest go.
    model::Result<unsigned> add(std::string_view text, Grade grade, std::string why,
                                model::WallTime now, bool pins = false);
    /// Changes the index, on disk first.
    model::Result<void> save(Index index);
    /// Forgets versions, texts and all.
    model::Result<void> drop(const std::vector<unsigned>& numbers);

  private:
    History(std::string folder, std::size_t keep) : folder_(std::move(folder)), keep_(keep) {}
    std::string path_of(unsigned number) const;
    void prune();

    std::string folder_;
    std::size_t keep_;
    Index index_;
};

}  // namespace slotd::file
