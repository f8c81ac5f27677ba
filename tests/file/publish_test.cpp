// SPDX-License-Identifier: MIT
#include "slotd/file/publish.hpp"

#include "publishing.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;

TEST_SUITE("publish") {
    TEST_CASE("a new text is checked, put in place, loaded and kept") {
        Publishing p;
        CHECK(p.publish("one") == "placed 1");
        CHECK(p.file() == "one");
        CHECK(p.control.checked == Texts{"one"});
        CHECK(p.control.loaded == Texts{"one"});
        CHECK(p.publish("two") == "placed 2");
        CHECK(p.file() == "two");
        CHECK(p.versions() == Texts{"1 good one", "2 good two *"});
        CHECK(p.beside().empty());
    }

    TEST_CASE("the same text does nothing") {
        Publishing p;
        p.publish("one");
        CHECK(p.publish("one") == "unchanged 1");
        CHECK(p.control.checked.size() == 1);
        CHECK(p.control.loaded.size() == 1);
        CHECK(p.versions() == Texts{"1 good one *"});
    }

    TEST_CASE("what the check refuses never gets into place") {
        Publishing p;
        p.publish("one");
        p.control.refuses = "parsing [x:1] : unknown keyword";
        CHECK(p.publish("bad") == "refused 2: parsing [x:1] : unknown keyword");
        CHECK(p.file() == "one");
        CHECK(p.control.loaded.size() == 1);
        CHECK(p.beside().empty());
        SUBCASE("and is kept once, however often it is tried") {
            CHECK(p.publish("bad") == "refused 2: parsing [x:1] : unknown keyword");
            CHECK(p.versions() == Texts{"1 good one *", "2 refused bad"});
        }
        SUBCASE("and may be taken later") {
            p.control.refuses.clear();
            CHECK(p.publish("bad") == "placed 3");
            CHECK(p.versions() == Texts{"1 good one", "2 refused bad", "3 good bad *"});
        }
    }

    TEST_CASE("a check alone changes nothing") {
        Publishing p;
        p.publish("one");
        CHECK(result_of(p.io, p.publisher.check("two")));
        CHECK(p.control.checked == Texts{"one", "two"});
        p.control.refuses = "no";
        const auto refused = result_of(p.io, p.publisher.check("bad"));
        REQUIRE_FALSE(refused);
        CHECK(to_string(refused.error()) == "no");
        CHECK(p.file() == "one");
        CHECK(p.versions() == Texts{"1 good one *"});
        CHECK(p.control.loaded.size() == 1);
        CHECK(p.beside().empty());
    }

    TEST_CASE("a check alone makes no folder for the history") {
        Publishing p;
        CHECK(result_of(p.io, p.publisher.check("one")));
        CHECK(p.control.checked == Texts{"one"});
        CHECK_FALSE(std::filesystem::exists(p.settings.folder));
        CHECK(p.beside().empty());
    }

    TEST_CASE("a file that can't be looked at is not taken for none") {
        Publishing p;
        std::filesystem::create_symlink(p.output(), p.output());
        CHECK(p.publish("one").ends_with(
            "haproxy.cfg: can't be read: Too many levels of symbolic links"));
        CHECK(p.control.checked.empty());
    }

    TEST_CASE("when no new worker comes up the file before is loaded again") {
        Publishing p;
        p.publish("one");
        p.control.fails_with = "bad";
        CHECK(p.publish("bad") == "rolled back 2: no new worker");
        CHECK(p.file() == "one");
        CHECK(p.control.loaded == Texts{"one", "bad", "one"});
        CHECK(p.versions() == Texts{"1 good one *", "2 failed bad"});
        CHECK(p.publish("three") == "placed 3");
    }

    TEST_CASE("when that does not help it is said, with the file before in place") {
        Publishing p;
        p.publish("one");
        p.control.fails = true;
        CHECK(p.publish("bad") ==
              "failed 2: no new worker; and version 1, which is in place again, could not be "
              "loaded: no new worker");
        CHECK(p.file() == "one");
        p.control.fails = false;
        CHECK(p.publish("bad") == "placed 3");
    }

    TEST_CASE("when HAProxy is gone after it that is said, with the file before in place") {
        Publishing p;
        p.publish("one");
        p.control.fails_with = "bad";
        p.control.at = [&p](const std::string& step) {
            p.control.up = p.control.up && !(step == "reload" && p.file() == "one");
        };
        CHECK(p.publish("bad") ==
              "failed 2: no new worker; and no HAProxy answers any more that could load version 1, "
              "which is in place again");
        CHECK(p.file() == "one");
        CHECK(p.versions() == Texts{"1 good one *", "2 failed bad"});
    }

    TEST_CASE("the first of all has nothing to go back to, and is tried again when asked") {
        Publishing p;
        p.control.fails = true;
        CHECK(p.publish("one") == "failed 1: no new worker");
        CHECK(p.publish("one") == "failed 2: no new worker");
        p.control.fails = false;
        CHECK(p.publish("one") == "placed 3");
    }

    TEST_CASE("without an HAProxy it is in place, and good as soon as one is up") {
        Publishing p;
        p.control.up = false;
        CHECK(p.publish("one") == "unproven 1");
        CHECK(p.file() == "one");
        CHECK(p.publish("one") == "unchanged 1");
        CHECK(p.look() == "unproven 1");
        p.control.up = true;
        CHECK(p.look() == "unchanged 1");
        CHECK(p.versions() == Texts{"1 good one *"});
    }

    TEST_CASE("a file that was there before is kept and left alone") {
        Publishing p;
        spit(p.output(), "by hand");
        CHECK(p.look() == "edited 1");
        CHECK(p.publish("one") == "edited 1");
        CHECK(p.publish("one") == "edited 1");
        CHECK(p.file() == "by hand");
        CHECK(p.versions() == Texts{"1 edited by hand"});
        SUBCASE("until it is said") {
            CHECK(p.publish("one", Force::yes) == "placed 2");
            CHECK(p.versions() == Texts{"1 edited by hand", "2 good one *"});
        }
        SUBCASE("and is what to go back to") {
            p.control.fails_with = "one";
            CHECK(p.publish("one", Force::yes) == "rolled back 2: no new worker");
            CHECK(p.file() == "by hand");
            CHECK(p.versions() == Texts{"1 edited by hand *", "2 failed one"});
        }
        SUBCASE("and a refused text takes it over no more than another") {
            p.control.refuses = "no";
            CHECK(p.publish("one", Force::yes) == "refused 2: no");
            p.control.refuses.clear();
            CHECK(p.publish("two") == "edited 1");
            CHECK(p.file() == "by hand");
        }
    }

    TEST_CASE("a file that is already what it is to be is taken as it is") {
        Publishing p;
        spit(p.output(), "one");
        CHECK(p.publish("one") == "unchanged 1");
        CHECK(p.control.loaded.empty());
        CHECK(p.versions() == Texts{"1 new one *"});
        CHECK(p.publish("two") == "placed 2");
    }

    TEST_CASE("an edit is kept once and not written over") {
        Publishing p;
        p.publish("one");
        spit(p.output(), "one, edited");
        CHECK(p.look() == "edited 2");
        CHECK(p.publish("two") == "edited 2");
        CHECK(p.file() == "one, edited");
        CHECK(p.publish("two", Force::yes) == "placed 3");
        CHECK(p.versions() == Texts{"1 good one", "2 edited one, edited", "3 good two *"});
        SUBCASE("an edit that puts the old text back is one too") {
            spit(p.output(), "one");
            CHECK(p.publish("three") == "edited 4");
        }
        SUBCASE("taken back by hand it is none") {
            spit(p.output(), "else");
            CHECK(p.look() == "edited 4");
            spit(p.output(), "two");
            CHECK(p.look() == "unchanged 3");
            CHECK(p.publish("three") == "placed 5");
        }
        SUBCASE("and what the edit wanted, rendered, ends it") {
            spit(p.output(), "three");
            CHECK(p.publish("three") == "unchanged 4");
        }
    }

    TEST_CASE("a file that somebody took away is put there again") {
        Publishing p;
        p.publish("one");
        std::filesystem::remove(p.output());
        CHECK(p.publish("one") == "placed 2");
        CHECK(p.file() == "one");
    }

    TEST_CASE("a rollback puts a version back and pins it") {
        Publishing p;
        p.publish("one");
        p.publish("two");
        p.publish("three");
        CHECK(p.roll_back() == "placed 4");
        CHECK(p.file() == "two");
        CHECK(p.publish("five") == "pinned 4");
        CHECK(p.look() == "pinned 4");
        CHECK(p.roll_back(1) == "placed 5");
        CHECK(p.file() == "one");
        CHECK(p.publish("one") == "pinned 5");
        CHECK(p.versions() == Texts{"1 good one", "2 good two", "3 good three", "4 good two",
                                    "5 good one * pinned"});
        CHECK(p.publish("five", Force::no, Unpin::yes) == "placed 6");
        CHECK(p.publish("six") == "placed 7");
        CHECK(p.history().index().versions[3].why == "rollback to version 2");
    }

    TEST_CASE("a rollback to what is in place only pins it") {
        Publishing p;
        p.publish("one");
        CHECK(p.roll_back(1) == "unchanged 1");
        CHECK(p.control.loaded.size() == 1);
        CHECK(p.publish("two") == "pinned 1");
    }

    TEST_CASE("a rollback to what somebody put back by hand takes it as it is, and pins it") {
        Publishing p;
        p.publish("one");
        p.publish("two");
        spit(p.output(), "one");
        CHECK(p.roll_back(1) == "unchanged 3");
        CHECK(p.control.loaded.size() == 2);
        CHECK(p.versions() == Texts{"1 good one", "2 good two", "3 new one * pinned"});
    }

    TEST_CASE("a rollback takes an edit back, and keeps it") {
        Publishing p;
        p.publish("one");
        spit(p.output(), "edited");
        CHECK(p.roll_back() == "placed 3");
        CHECK(p.file() == "one");
        CHECK(p.versions() == Texts{"1 good one", "2 edited edited", "3 good one * pinned"});
    }

    TEST_CASE("a rollback that HAProxy does not take pins nothing") {
        Publishing p;
        p.publish("one");
        p.publish("two");
        p.control.refuses = "no";
        CHECK(p.roll_back(1) == "refused 3: no");
        p.control.refuses.clear();
        CHECK(p.publish("three") == "placed 4");
        CHECK(p.roll_back(9) == "error: there is no version 9 (`slotd history` lists them)");
    }

    TEST_CASE("there must be something to go back to") {
        Publishing p;
        const std::string none =
            "error: there are no versions yet (the first is made when the file is written: by "
            "`slotd render`, or by `slotd run` with [file] in its configuration)";
        CHECK(p.roll_back() == none);
        CHECK(p.roll_back(1) == none);
        p.publish("one");
        CHECK(p.roll_back() ==
              "error: no other version was good (`slotd history` lists them, `slotd rollback N` "
              "takes any)");
    }

    TEST_CASE("owner and mode stay") {
        Publishing p;
        p.publish("one");
        REQUIRE(::chmod(p.output().c_str(), 0640) == 0);
        if (::getuid() == 0)
            REQUIRE(::chown(p.output().c_str(), 65534, 65534) == 0);
        struct stat before {};
        ::stat(p.output().c_str(), &before);
        p.publish("two");
        struct stat after {};
        ::stat(p.output().c_str(), &after);
        CHECK(after.st_mode == before.st_mode);
        CHECK(after.st_uid == before.st_uid);
        CHECK(after.st_gid == before.st_gid);
        CHECK(after.st_ino != before.st_ino);
    }

    TEST_CASE("where the file can't be written nothing changes") {
        Publishing p;
        p.settings.output = p.folder / "no/such/file";
        CHECK(p.publish("one").find("can't be created: No such file or directory") !=
              std::string::npos);
        CHECK(p.versions().empty());
        CHECK(p.control.checked.empty());
    }

    TEST_CASE("two at a time do one after the other") {
        Publishing p;
        Publishing::Running first = p.start("one");
        Publishing::Running second = p.start("two");
        run_until(p.io, [&] { return first.result->has_value() && second.result->has_value(); });
        CHECK(p.versions() == Texts{"1 good one", "2 good two *"});
        CHECK(p.file() == "two");
    }
}
