// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace slotd::sync {

/// All of a file; one of more than `most` bytes is an error (a device may have no end). The error's
/// `what` is the system's reason ("No such file or directory"), without the path.
model::Result<std::string> read_file(const std::string& path, std::size_t most = 64U << 20);

/// There is nothing at `path`. What can't be looked at is not missing: reading it says why.
bool is_missing(const std::string& path);

/// A text written whole beside the file at `path` and synced, so that a reader or a crash at any
/// moment meets the old file or the new one. It has the owner and the group (each where slotd
/// may give it away) and the mode of the file; without one, everybody may read it, since HAProxy
/// may run as another user.
class Replacement {
  public:
    static model::Result<Replacement> write(std::string path, std::string_view text);
    Replacement(Replacement&& other) noexcept;
    Replacement& operator=(Replacement&&) = delete;
    /// Takes it away again, if it was not put in place.
    ~Replacement();

    const std::string& beside() const { return beside_; }
    /// Renames it over the file.
    model::Result<void> put_in_place();

  private:
    Replacement(std::string path, std::string beside)
        : path_(std::move(path)), beside_(std::move(beside)) {}

    std::string path_;
    std::string beside_;
    bool is_there_ = false;
};

/// Puts `text` in the place of the file at `path`, by a Replacement.
model::Result<void> replace_file(const std::string& path, std::string_view text);

}  // namespace slotd::sync
