// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

// What the system tells of HAProxy's process and its files, as far as this user may know.

namespace slotd::app {

/// As whom a process opens files.
struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< besides

    Account() = default;
    bool operator==(const Account&) const = default;
};

/// Reads /proc/PID/status; none when it is of another form.
std::optional<Account> parse_account(std::string_view status);

struct HaproxyProcess {
    std::vector<std::string> arguments;  ///< without the program's name
    std::string folder;                  ///< where it was started; empty: not to be known
    std::optional<Account> loader;       ///< that of its master, who loads the next configuration

    HaproxyProcess() = default;
};

/// None when the number is no HAProxy's here (it may live in another container), or is hidden.
std::optional<HaproxyProcess> find_process(std::int64_t pid, bool has_master);

/// The files and folders that HAProxy's command line names, in its order.
std::vector<std::string> config_paths(const std::vector<std::string>& arguments);

/// Of a folder, the files that HAProxy would read there; else the path itself, after `folder` when
/// it is relative. An error says the path.
model::Result<std::vector<std::string>> config_files(const std::string& path,
                                                     const std::string& folder);

/// Whether `account` may open the file, by the modes of the file and of the folders above it. None
/// when that can't be known.
std::optional<bool> may_read(const std::string& path, const Account& account);

/// Why this process may not make files in the folder of `path`; empty: it may.
std::string folder_trouble(const std::string& path);

}  // namespace slotd::app
