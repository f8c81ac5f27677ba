// SPDX-License-Identifier: MIT
#include "slotd/sync/file.hpp"

#include "support/folder.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <grp.h>
#include <iterator>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace slotd;
using slotd::testing::Folder;
using slotd::testing::slurp;
using slotd::testing::spit;

namespace {

constexpr uid_t some_user = 1234;
constexpr gid_t some_group = 2345;
constexpr int not_possible_here = 77;

/// What `body` returns, in a process of its own, whose rights it may change.
int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
        ::_exit(body());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/// Where root is somebody and nobody else exists, as in a container without more users.
bool enter_user_namespace() {
    const uid_t self = ::getuid();
    if (::unshare(CLONE_NEWUSER) != 0)
        return false;
    const std::string map = "0 " + std::to_string(self) + " 1\n";
    const int file = ::open("/proc/self/uid_map", O_WRONLY);
    const bool is_mapped =
        file >= 0 && ::write(file, map.data(), map.size()) == static_cast<ssize_t>(map.size());
    ::close(file);
    return is_mapped;
}

/// What the next calls of fsync() do besides, with their descriptor; empty: nothing.
std::function<int(int)> at_fsync;

struct AtFsync {
    explicit AtFsync(std::function<int(int)> body) { at_fsync = std::move(body); }
    ~AtFsync() { at_fsync = nullptr; }
};

struct stat about(const std::string& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found;
}

int replace(const std::string& path) {
    return sync::replace_file(path, "new") ? 0 : 1;
}

}  // namespace

// The program's own is called in place of the C library's.
extern "C" int fsync(int file) {
    if (at_fsync && at_fsync(file) != 0)
        return -1;
    return static_cast<int>(::syscall(SYS_fsync, file));
}

TEST_SUITE("file") {
    TEST_CASE("a file of just the bound is read, a longer one is an error") {
        const Folder folder;
        const std::string path = folder / "long";
        spit(path, std::string(10'000, 'x'));
        const auto read = sync::read_file(path, 10'000);
        REQUIRE(read);
        CHECK(*read == std::string(10'000, 'x'));
        const auto refused = sync::read_file(path, 9'999);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what == "it has more than 9999 bytes");
        CHECK_FALSE(sync::read_file("/dev/zero"));
    }

    TEST_CASE("what can't be looked at is not missing") {
        const Folder folder;
        CHECK(sync::is_missing(folder / "file"));
        spit(folder / "file", "");
        CHECK_FALSE(sync::is_missing(folder / "file"));
        CHECK_FALSE(sync::is_missing(folder / "file/in/it"));
    }

    TEST_CASE("what replaces a file is on the disk, whole, before it has the file's name") {
        const Folder folder;
        const std::string path = folder / "file";
        spit(path, "old");
        std::vector<std::string> synced;
        const AtFsync look([&](int file) {
            struct stat found {};
            if (::fstat(file, &found) != 0)
                return -1;
            synced.push_back((S_ISDIR(found.st_mode) ? "folder" : std::to_string(found.st_size)) +
                             " while it is " + slurp(path));
            return 0;
        });
        REQUIRE(replace(path) == 0);
        CHECK(synced == std::vector<std::string>{"3 while it is old", "folder while it is new"});
    }

    TEST_CASE("what can't be brought to the disk replaces nothing, and the error says so") {
        const Folder folder;
        const std::string path = folder / "file";
        spit(path, "old");
        const AtFsync fail([](int) {
            errno = EIO;
            return -1;
        });
        const auto replaced = sync::replace_file(path, "new");
        REQUIRE_FALSE(replaced);
        CHECK(replaced.error().what == "can't be synced: Input/output error");
        CHECK(slurp(path) == "old");
        CHECK(::access((folder / ".file.slotd").c_str(), F_OK) != 0);
    }

    TEST_CASE("a replaced file keeps owner, group and mode") {
        const Folder folder;
        const std::string path = folder / "file";
        spit(path, "old");
        REQUIRE(::chmod(path.c_str(), 0640) == 0);
        if (::getuid() == 0)
            REQUIRE(::chown(path.c_str(), some_user, some_group) == 0);
        const struct stat before = about(path);
        REQUIRE(replace(path) == 0);
        const struct stat after = about(path);
        CHECK(after.st_uid == before.st_uid);
        CHECK(after.st_gid == before.st_gid);
        CHECK(after.st_mode == before.st_mode);
        CHECK(slurp(path) == "new");
    }

    TEST_CASE("in a user namespace the owner may be one that is not there") {
        if (::getuid() != 0) {
            MESSAGE("not looked at: only root can make a file of somebody else's");
            return;
        }
        const Folder folder;
        const std::string path = folder / "file";
        spit(path, "old");
        REQUIRE(::chown(path.c_str(), some_user, some_group) == 0);
        REQUIRE(::chmod(path.c_str(), 0644) == 0);
        const int code =
            in_child([&] { return enter_user_namespace() ? replace(path) : not_possible_here; });
        if (code == not_possible_here) {
            MESSAGE("not looked at: this machine makes no user namespaces");
            return;
        }
        CHECK(code == 0);
        CHECK(slurp(path) == "new");
    }

    TEST_CASE("where the owner can't be kept the group is, if slotd is in it") {
        if (::getuid() != 0) {
            MESSAGE("not looked at: only root can become somebody else");
            return;
        }
        const Folder folder;
        const std::string path = folder / "file";
        spit(path, "old");
        REQUIRE(::chown(path.c_str(), 0, some_group) == 0);
        REQUIRE(::chmod(path.c_str(), 0640) == 0);
        REQUIRE(::chown(folder.path().c_str(), some_user, some_user) == 0);
        const int code = in_child([&] {
            const gid_t group = some_group;
            if (::setgroups(1, &group) != 0 || ::setgid(some_user) != 0 || ::setuid(some_user) != 0)
                return not_possible_here;
            return replace(path);
        });
        REQUIRE(code == 0);
        CHECK(about(path).st_uid == some_user);
        CHECK(about(path).st_gid == some_group);
        CHECK((about(path).st_mode & 07777) == 0640);
        CHECK(slurp(path) == "new");
    }

    TEST_CASE("where the disk is full the old file stays, and nothing beside it") {
        const Folder folder;
        const std::string path = folder / "file";
        spit(path, "old");
        const std::string text(100'000, 'x');
        const int code = in_child([&] {
            const struct rlimit limit { 10'000, 10'000 };
            ::signal(SIGXFSZ, SIG_IGN);
            ::setrlimit(RLIMIT_FSIZE, &limit);
            const auto replaced = sync::replace_file(path, text);
            const bool is_told =
                !replaced &&
                to_string(replaced.error()).find("can't be written") != std::string::npos;
            return is_told ? 0 : 1;
        });
        CHECK(code == 0);
        CHECK(slurp(path) == "old");
        CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
    }
}
