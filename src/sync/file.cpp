// SPDX-License-Identifier: MIT
#include "slotd/sync/file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace slotd::sync {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0)
            ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

  private:
    int number_;
};

std::optional<model::Error> failed(std::string_view doing, const std::string& path) {
    return model::Error(
        model::ErrorKind::refused,
        std::string(doing) + ": " + std::generic_category().message(errno), path,
        "slotd writes the file beside it and renames it: it needs to write to the folder");
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Only root may give a file away, and in a user namespace nobody may to an owner that is not mapped
// there (EINVAL). The group alone may still be one of slotd's own, and is what others read it by.
bool keep_owner(int file, const struct stat& old) {
    const auto is_not_allowed = [] { return errno == EPERM || errno == EINVAL; };
    if (::fchown(file, old.st_uid, old.st_gid) == 0)
        return true;
    if (!is_not_allowed())
        return false;
    return ::fchown(file, static_cast<uid_t>(-1), old.st_gid) == 0 || is_not_allowed();
}

std::optional<model::Error> write_beside(const std::string& path, const std::string& beside,
                                         std::string_view text) {
    struct stat old {};
    const bool is_there = ::stat(path.c_str(), &old) == 0;
    const Descriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file)
        return failed("can't be created", beside);
    if (is_there && !keep_owner(file.number(), old))
        return failed("its owner can't be kept", beside);
    if (::fchmod(file.number(), is_there ? old.st_mode & 07777 : 0644) != 0)
        return failed("its mode can't be set", beside);
    if (!write_all(file.number(), text))
        return failed("can't be written", beside);
    if (::fsync(file.number()) != 0)
        return failed("can't be synced", beside);
    return std::nullopt;
}

}  // namespace

model::Result<std::string> read_file(const std::string& path, std::size_t most) {
    const auto failed = [] {
        return model::Error(model::ErrorKind::config,
                            std::generic_category().message(errno != 0 ? errno : EIO));
    };
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
    if (!file)
        return failed();
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t count = std::fread(part.data(), 1, part.size(), file.get())) {
        if (text.size() + count > most)
            return model::Error(model::ErrorKind::config,
                                "it has more than " + std::to_string(most) + " bytes");
        text.append(part.data(), count);
    }
    if (std::ferror(file.get()) != 0)
        return failed();
    return text;
}

bool is_missing(const std::string& path) {
    return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

model::Result<Replacement> Replacement::write(std::string path, std::string_view text) {
    const auto slash = path.rfind('/');
    std::string beside = path.substr(0, slash + 1) + "." + path.substr(slash + 1) + ".slotd";
    Replacement made(std::move(path), std::move(beside));
    if (auto error = write_beside(made.path_, made.beside_, text)) {
        ::unlink(made.beside_.c_str());
        return *std::move(error);
    }
    made.is_there_ = true;
    return made;
}

Replacement::Replacement(Replacement&& other) noexcept
    : path_(std::move(other.path_)),
      beside_(std::move(other.beside_)),
      is_there_(std::exchange(other.is_there_, false)) {}

Replacement::~Replacement() {
    if (is_there_)
        ::unlink(beside_.c_str());
}

model::Result<void> Replacement::put_in_place() {
    if (::rename(beside_.c_str(), path_.c_str()) != 0)
        return *failed("can't be renamed over", path_);
    is_there_ = false;
    // Without this a crash of the machine may bring the old name back, which is harmless.
    const std::string folder = path_.substr(0, path_.rfind('/') + 1);
    if (const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); parent)
        ::fsync(parent.number());
    return {};
}

model::Result<void> replace_file(const std::string& path, std::string_view text) {
    auto replacement = Replacement::write(path, text);
    if (!replacement)
        return replacement.error();
    return replacement->put_in_place();
}

}  // namespace slotd::sync
