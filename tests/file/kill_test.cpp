// SPDX-License-Identifier: MIT
// A slotd that is killed at any step of its work on the file: in a child process that ends at that
// step, so that nothing is tidied up.
#include "publishing.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <set>
#include <streambuf>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;

namespace {

/// Ends the process as a kill does at its n-th call.
class Axe {
  public:
    explicit Axe(int calls) : left_(calls) {}
    void tick() {
        if (left_-- == 0)
            ::_exit(9);
    }

  private:
    int left_;
};

/// Each step is told to the log.
class StepBuffer final : public std::streambuf {
  public:
    explicit StepBuffer(Axe& axe) : axe_(axe) {}

  private:
    std::streamsize xsputn(const char*, std::streamsize count) override {
        axe_.tick();
        return count;
    }
    int overflow(int c) override { return c; }

    Axe& axe_;
};

using Work = void (*)(Publishing&, Publisher&);

void publish_new(Publishing& p, Publisher& publisher) {
    (void)result_of(p.io, publisher.publish(Wanted("new", "why")));
}
void publish_failing(Publishing& p, Publisher& publisher) {
    p.control.fails_with = "new";
    publish_new(p, publisher);
}
void roll_back(Publishing& p, Publisher& publisher) {
    (void)result_of(p.io, publisher.roll_back(std::nullopt));
}

/// True when it was killed, false when the work was done before.
bool killed_at(Publishing& p, int step, Work work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        Axe axe(step);
        StepBuffer buffer(axe);
        std::ostream out(&buffer);
        sync::Log log(sync::LogLevel::debug, sync::LogFormat::text, out);
        p.control.at = [&axe](const std::string&) { axe.tick(); };
        Publisher publisher(p.settings, p.control, log,
                            [] { return std::chrono::system_clock::now(); });
        work(p, publisher);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status) == 9;
}

struct Case {
    Work work;
    std::set<std::string> whole;  ///< what the file may be after the kill
    std::string asked;            ///< what is published afterwards; empty: the rollback again
    std::string end;              ///< what the file is then
};

}  // namespace

TEST_CASE("killed at any step it leaves a whole file, and the next one ends well") {
    const std::vector<Case> cases{{publish_new, {"old", "new"}, "new", "new"},
                                  {publish_failing, {"old", "new"}, "old", "old"},
                                  {roll_back, {"old", "first"}, "", "first"}};
    for (const Case& one : cases) {
        int steps = 0;
        for (bool killed = true; killed; ++steps) {
            CAPTURE(one.asked);
            CAPTURE(steps);
            Publishing p;
            p.publish("first");
            p.publish("old");
            killed = killed_at(p, steps, one.work);
            CHECK(one.whole.contains(p.file()));
            if (one.work == publish_failing)
                p.control.fails_with = "new";
            const std::string first = p.look();
            CHECK_MESSAGE(first.find("edited") == std::string::npos, first);
            CHECK_MESSAGE(first.find("error") == std::string::npos, first);
            // A rollback that got so far must not be undone by what a daemon wants to have there.
            if (!one.asked.empty())
                p.publish(one.asked);
            else if (p.file() == one.end)
                CHECK(p.publish("new").starts_with("pinned "));
            else
                p.roll_back(1);
            CHECK(p.file() == one.end);
            const History history = p.history();
            const Version* placed = history.index().find(history.index().placed);
            REQUIRE(placed);
            CHECK(placed->grade == Grade::good);
            CHECK((history.index().pinned == placed->number) == one.asked.empty());
            CHECK(*history.text(placed->number) == one.end);
            for (const Version& version : history.index().versions)
                CHECK(version.grade != Grade::fresh);
            CHECK(slurp(p.control.runs_with()) == one.end);
        }
        CHECK(steps > 6);
    }
}
