// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"
#include "slotd/sync/file.hpp"

#include <optional>
#include <string>
#include <utility>

namespace slotd::file {

inline constexpr const char* whose_folder =
    "the folder must be slotd's own user's: run this as that user, or chown the folder to it";

/// A file of slotd's own folder, which another user can't look into; none when it is not there.
inline model::Result<std::optional<std::string>> read_kept(const std::string& path) {
    if (sync::is_missing(path))
        return std::optional<std::string>();
    auto text = sync::read_file(path);
    if (!text)
        return model::Error(model::ErrorKind::refused, "can't be read: " + text.error().what, path,
                            whose_folder);
    return std::optional(*std::move(text));
}

}  // namespace slotd::file
