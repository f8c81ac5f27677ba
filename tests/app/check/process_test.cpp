// SPDX-License-Identifier: MIT
#include "slotd/app/check/process.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace slotd;
using Lines = std::vector<std::string>;

TEST_SUITE("check: process") {
    TEST_CASE("of a process's status, the user and groups by which it opens files are read") {
        const auto account = app::parse_account(
            "Name:\thaproxy\nUid:\t1\t2\t3\t99\nGid:\t5\t6\t7\t98\nFDSize:\t64\n"
            "Groups:\t4 98 \nNStgid:\t1\n");
        REQUIRE(account);
        CHECK(account->uid == 99);
        CHECK(account->gid == 98);
        CHECK(account->groups == std::vector<gid_t>{4, 98});
        CHECK_FALSE(app::parse_account(""));
        CHECK_FALSE(app::parse_account("Name:\tx\nUid:\t1\t2\t3\t4\n"));
        CHECK_FALSE(app::parse_account("Name:\tx\nUid:\t1\t2\t3\t-\nGid:\t1\t2\t3\t4\n"));
    }

    TEST_CASE("files are those of -f, and all after --") {
        CHECK(app::config_paths({"-sf", "12", "-x", "sockpair@3", "-Ws", "-f", "/a.cfg", "-p",
                                 "/run/h.pid", "-f", "/conf.d"}) == Lines{"/a.cfg", "/conf.d"});
        CHECK(app::config_paths({"-db", "--", "/a.cfg", "/b.cfg"}) == Lines{"/a.cfg", "/b.cfg"});
        CHECK(app::config_paths({"-f"}).empty());
        CHECK(app::config_paths({}).empty());
    }

    TEST_CASE("a process that is no HAProxy is not taken for one") {
        CHECK_FALSE(app::find_process(::getpid(), false));
        CHECK_FALSE(app::find_process(0, false));
        CHECK_FALSE(app::find_process(-1, true));
    }
}

TEST_SUITE("check: files") {
    TEST_CASE("a folder stands for its .cfg files, in order") {
        const slotd::testing::TemporaryFolder folder;
        for (const char* name : {"b.cfg", "a.cfg", ".hidden.cfg", "c.cfg.bak", "B.cfg"})
            std::ofstream(folder.file(name)) << "\n";
        const auto files = app::config_files(folder.file("."), "");
        REQUIRE(files);
        CHECK(*files ==
              Lines{folder.file("./B.cfg"), folder.file("./a.cfg"), folder.file("./b.cfg")});
        CHECK(*app::config_files("a.cfg", folder.file(".")) == Lines{folder.file("./a.cfg")});
        CHECK(*app::config_files("/no/such", "") == Lines{"/no/such"});
        CHECK(to_string(app::config_files("a.cfg", "").error()) ==
              "a.cfg: it is relative to the folder of HAProxy's process, which this user may not "
              "see");
    }

    TEST_CASE("a file is read by its owner, its group or all, and through folders that let pass") {
        const slotd::testing::TemporaryFolder folder;
        const std::string inner = folder.file("inner");
        const std::string file = inner + "/state";
        REQUIRE(::mkdir(inner.c_str(), 0700) == 0);
        std::ofstream(file) << "x";
        const auto reads = [&](uid_t uid, gid_t gid, mode_t of_folder, mode_t of_file,
                               std::vector<gid_t> groups = {}) {
            ::chmod(inner.c_str(), of_folder);
            ::chmod(file.c_str(), of_file);
            app::Account account;
            account.uid = uid;
            account.gid = gid;
            account.groups = std::move(groups);
            const auto may = app::may_read(file, account);
            ::chmod(inner.c_str(), 0700);
            return may;
        };
        ::chmod(folder.file(".").c_str(), 0755);
        const uid_t me = ::getuid();
        const gid_t mine = ::getgid();
        const uid_t other = me + 4711;
        const gid_t others = mine + 4711;
        CHECK(reads(other, others, 0755, 0644) == true);
        CHECK(reads(other, others, 0755, 0640) == false);
        CHECK(reads(other, others, 0750, 0644) == false);
        CHECK(reads(other, mine, 0750, 0640) == true);
        CHECK(reads(other, others, 0750, 0640, {mine}) == true);
        CHECK(reads(other, mine, 0755, 0604) == false);
        CHECK(reads(0, 0, 0700, 0600) == true);
        app::Account account;
        CHECK_FALSE(app::may_read("/no/such/file", account));
    }

    TEST_CASE("a folder that this process may write to is no trouble") {
        const slotd::testing::TemporaryFolder folder;
        CHECK(app::folder_trouble(folder.file("state")).empty());
        CHECK(app::folder_trouble("/no/such/state") == "/no/such: No such file or directory");
    }
}
