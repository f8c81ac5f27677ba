// SPDX-License-Identifier: MIT
#include "slotd/file/history.hpp"

#include "slotd/file/hash.hpp"
#include "support/folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;
using std::chrono::seconds;

namespace {

const model::WallTime history_noon{seconds(1'800'000'000)};

History opened(const std::string& folder, std::size_t keep = 50) {
    REQUIRE(History::make_folder(folder));
    auto history = History::open(folder, keep);
    REQUIRE_MESSAGE(history, to_string(history.error()));
    return *std::move(history);
}

unsigned added(History& history, const std::string& text, Grade grade = Grade::good) {
    const auto number = history.add(text, grade, "why " + text, history_noon);
    REQUIRE_MESSAGE(number, to_string(number.error()));
    return *number;
}

std::vector<unsigned> numbers(const History& history) {
    std::vector<unsigned> all;
    for (const Version& version : history.index().versions) all.push_back(version.number);
    return all;
}

void place(History& history, unsigned number) {
    Index index = history.index();
    index.placed = number;
    REQUIRE(history.save(index));
}

std::string error_of(const std::string& text) {
    const auto index = parse_index(text, "/x/index.json");
    REQUIRE_FALSE(index);
    CHECK(index.error().where == "/x/index.json");
    return index.error().what;
}

}  // namespace

TEST_SUITE("history") {
    TEST_CASE("what is added is there after a restart, with its text") {
        const Folder folder;
        {
            History history = opened(folder / "file");
            CHECK(added(history, "one") == 1);
            CHECK(added(history, "two", Grade::refused) == 2);
            REQUIRE(history.add("three", Grade::fresh, "rollback", history_noon, true));
            Index index = history.index();
            index.placed = 1;
            index.pinned = 1;
            index.find(2U)->note = "it would not start";
            REQUIRE(history.save(index));
        }
        const History again = opened(folder / "file");
        CHECK(numbers(again) == std::vector<unsigned>{1, 2, 3});
        CHECK(again.index().versions[2].pins);
        CHECK_FALSE(again.index().versions[1].pins);
        CHECK(again.index().placed == 1U);
        CHECK(again.index().pinned == 1U);
        const Version& bad = again.index().versions[1];
        CHECK(bad.grade == Grade::refused);
        CHECK(bad.time == history_noon);
        CHECK(bad.hash == sha256("two"));
        CHECK(bad.why == "why two");
        CHECK(bad.note == "it would not start");
        const auto text = again.text(2);
        REQUIRE(text);
        CHECK(*text == "two");
    }

    TEST_CASE("who only reads makes no folder") {
        const Folder folder;
        const auto history = History::open(folder / "file", 50);
        REQUIRE(history);
        CHECK(history->index() == Index());
        CHECK_FALSE(std::filesystem::exists(folder / "file"));
    }

    TEST_CASE("one that can't be looked at is not an empty one") {
        const Folder folder;
        spit(folder / "file", "a file where the folder would be");
        const auto history = History::open(folder / "file", 50);
        REQUIRE_FALSE(history);
        CHECK(to_string(history.error()) ==
              folder / "file/index.json" +
                  ": can't be read: Not a directory (the folder must be slotd's own user's: run "
                  "this as that user, or chown the folder to it)");
    }

    TEST_CASE("nobody else can read it: haproxy.cfg may hold passwords") {
        const Folder folder;
        opened(folder / "file");
        CHECK(std::filesystem::status(folder / "file").permissions() ==
              std::filesystem::perms::owner_all);
    }

    TEST_CASE("the oldest go, but never what is in place, pinned or newest") {
        const Folder folder;
        History history = opened(folder / "file", 3);
        for (int i = 1; i <= 3; ++i) added(history, std::to_string(i));
        place(history, 1);
        added(history, "4");
        CHECK(numbers(history) == std::vector<unsigned>{1, 3, 4});
        CHECK_FALSE(std::filesystem::exists(folder / "file/2.cfg"));
        CHECK(std::filesystem::exists(folder / "file/1.cfg"));
        place(history, 4);
        added(history, "5");
        CHECK(numbers(history) == std::vector<unsigned>{3, 4, 5});
        CHECK(numbers(opened(folder / "file", 3)) == std::vector<unsigned>{3, 4, 5});
    }

    TEST_CASE("a number is never given twice") {
        const Folder folder;
        History history = opened(folder / "file", 1);
        added(history, "1");
        CHECK(added(history, "2") == 2);
        CHECK(numbers(history) == std::vector<unsigned>{2});
        CHECK(opened(folder / "file", 1).index().next == 3);
    }

    TEST_CASE("a text that nobody names, left by a kill, is written over") {
        const Folder folder;
        History history = opened(folder / "file");
        spit(folder / "file/1.cfg", "half");
        added(history, "one");
        CHECK(slurp(folder / "file/1.cfg") == "one");
    }

    TEST_CASE("a text that somebody changed is not used") {
        const Folder folder;
        History history = opened(folder / "file");
        added(history, "one");
        spit(folder / "file/1.cfg", "other");
        const auto text = history.text(1);
        REQUIRE_FALSE(text);
        CHECK(text.error().what == "this is not the text of version 1");
        REQUIRE_FALSE(history.text(7));
        CHECK(history.text(7).error().what == "there is no version 7");
    }

    TEST_CASE("where nothing can be written, nothing is believed to be") {
        const Folder folder;
        CHECK_FALSE(History::make_folder(folder / "no/such"));
        History history = opened(folder / "file");
        std::filesystem::create_directory(folder / "file/index.json");
        CHECK_FALSE(history.add("one", Grade::good, "", history_noon));
        CHECK(history.index().versions.empty());
    }

    TEST_CASE("an index that is not slotd's is an error that says where") {
        const std::string version =
            R"({"number":2,"time":"2026-11-24T00:00:03Z","grade":"good","hash":"h","why":"w"})";
        CHECK(parse_index(R"({"next":3,"placed":2,"versions":[)" + version + "]}", "x"));
        CHECK(error_of("").starts_with("the history can't be read: "));
        CHECK(error_of("[]").starts_with("the history can't be read: "));
        CHECK(error_of(R"({"next":1})").starts_with("the history can't be read: "));
        CHECK(error_of(R"({"next":2,"versions":[)" + version + "]}")
                  .ends_with("the next version would be 2"));
        CHECK(error_of(R"({"next":9,"versions":[)" + version + "," + version + "]}")
                  .ends_with("version 2 is out of order"));
        CHECK(error_of(R"({"next":9,"placed":3,"versions":[)" + version + "]}")
                  .ends_with("placed names version 3, which is not there"));
        CHECK(
            error_of(
                R"({"next":9,"versions":[{"number":2,"time":"2026-11-24T00:00:03Z","grade":"x","hash":"",)"
                R"("why":""}]})")
                .ends_with("no grade is \"x\""));
        CHECK(error_of(R"({"next":9,"versions":[{"number":2,"time":"noon","grade":"good"}]})")
                  .ends_with("no time is \"noon\""));
        CHECK(error_of(R"({"next":"x","versions":[]})").starts_with("the history can't be read"));
    }
}
