// SPDX-License-Identifier: MIT
#include "slotd/app/check/process.hpp"

#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <climits>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace slotd::app {
namespace {

std::vector<std::string_view> words_after(std::string_view text, std::string_view name) {
    std::vector<std::string_view> words;
    const auto at = text.find("\n" + std::string(name) + ":");
    if (at == std::string_view::npos)
        return words;
    text.remove_prefix(at + name.size() + 2);
    text = text.substr(0, text.find('\n'));
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\t "), text.size());
        if (end > 0)
            words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

template <typename Number>
bool take_number(std::string_view word, Number& number) {
    const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
    return read.ec == std::errc() && read.ptr == word.data() + word.size();
}

std::string proc(std::int64_t pid, std::string_view file) {
    return "/proc/" + std::to_string(pid) + "/" + std::string(file);
}

bool is_haproxy(std::int64_t pid) {
    const auto name = sync::read_file(proc(pid, "comm"));
    return name && name->starts_with("haproxy");
}

std::string folder_of_process(std::int64_t pid) {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = ::readlink(proc(pid, "cwd").c_str(), path.data(), path.size());
    return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

bool allows(const struct stat& file, const Account& account, mode_t right) {
    if (account.uid == 0)
        return true;
    if (file.st_uid == account.uid)
        return (file.st_mode & (right << 6)) != 0;
    if (file.st_gid == account.gid || std::find(account.groups.begin(), account.groups.end(),
                                                file.st_gid) != account.groups.end())
        return (file.st_mode & (right << 3)) != 0;
    return (file.st_mode & right) != 0;
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string reason() {
    return std::generic_category().message(errno);
}

}  // namespace

std::optional<Account> parse_account(std::string_view status) {
    const auto uids = words_after(status, "Uid");
    const auto gids = words_after(status, "Gid");
    // Real, effective, saved, and that of the file system, which counts.
    Account account;
    if (uids.size() != 4 || gids.size() != 4 || !take_number(uids[3], account.uid) ||
        !take_number(gids[3], account.gid))
        return std::nullopt;
    for (const std::string_view word : words_after(status, "Groups"))
        if (gid_t group = 0; take_number(word, group))
            account.groups.push_back(group);
    return account;
}

std::optional<HaproxyProcess> find_process(std::int64_t pid, bool has_master) {
    const auto words = sync::read_file(proc(pid, "cmdline"));
    const auto status = sync::read_file(proc(pid, "status"));
    if (!is_haproxy(pid) || !words || !status)
        return std::nullopt;
    HaproxyProcess found;
    for (std::size_t at = words->find('\0'); at != std::string::npos && at + 1 < words->size();) {
        const auto end = std::min(words->find('\0', at + 1), words->size());
        found.arguments.push_back(words->substr(at + 1, end - at - 1));
        at = end;
    }
    const auto parent = words_after(*status, "PPid");
    std::int64_t master = 0;
    // A worker may be in its chroot, and another user's.
    if (has_master && parent.size() == 1 && take_number(parent[0], master) && is_haproxy(master)) {
        found.folder = folder_of_process(master);
        if (const auto masters = sync::read_file(proc(master, "status")))
            found.loader = parse_account(*masters);
    } else {
        found.folder = folder_of_process(pid);
    }
    return found;
}

std::vector<std::string> config_paths(const std::vector<std::string>& arguments) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--") {
            paths.insert(paths.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                         arguments.end());
            break;
        }
        if (arguments[i] == "-f" && i + 1 < arguments.size())
            paths.push_back(arguments[++i]);
    }
    return paths;
}

model::Result<std::vector<std::string>> config_files(const std::string& path,
                                                     const std::string& folder) {
    const bool is_relative = path.empty() || path.front() != '/';
    if (is_relative && folder.empty())
        return model::Error(model::ErrorKind::config,
                            "it is relative to the folder of HAProxy's process, which this user "
                            "may not see",
                            model::printable(path, 300));
    const std::string whole = is_relative ? folder + "/" + path : path;
    std::error_code error;
    if (!std::filesystem::is_directory(whole, error))
        return std::vector<std::string>{whole};
    std::vector<std::string> files;
    for (std::filesystem::directory_iterator entry(whole, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.ends_with(".cfg") && name.front() != '.')
            files.push_back(entry->path().string());
    }
    if (error)
        return model::Error(model::ErrorKind::config, error.message(),
                            model::printable(whole, 300));
    std::sort(files.begin(), files.end());
    return files;
}

std::optional<bool> may_read(const std::string& path, const Account& account) {
    struct Free {
        void operator()(char* text) const { std::free(text); }
    };
    const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
    if (!real)
        return std::nullopt;
    constexpr mode_t read = 4;
    constexpr mode_t search = 1;
    struct stat file {};
    std::string at = real.get();
    if (::stat(at.c_str(), &file) != 0)
        return std::nullopt;
    if (!allows(file, account, read))
        return false;
    while (at != "/") {
        at = parent_of(at);
        if (::stat(at.c_str(), &file) != 0)
            return std::nullopt;
        if (!allows(file, account, search))
            return false;
    }
    return true;
}

std::string folder_trouble(const std::string& path) {
    const std::string folder = parent_of(path);
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0)
        return {};
    return model::printable(folder, 300) + ": " + reason();
}

}  // namespace slotd::app
