// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/file/hash.hpp"
#include "support/finding_lines.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using slotd::testing::lines;
using Lines = std::vector<std::string>;
using file::Grade;

namespace {

const model::Error file_trouble(model::ErrorKind::refused, "wrong", "there", "mend it");
const std::string file_checked =
    "ok       file /h.cfg: HAProxy's check takes what would be rendered: 2 backends";
const std::string file_loaded = "ok       file /h.cfg: it is loaded by the command reload";
const std::string file_good = "ok       file /h.cfg: it is what would be rendered now";

void add_version(app::FileFacts& facts, Grade grade, const std::string& text) {
    file::Index& index = *facts.index;
    index.versions.emplace_back(index.next++, model::WallTime(), grade, file::sha256(text), "web");
}

/// Rendered, checked, and in place as version 1.
app::FileFacts file_facts() {
    app::FileFacts made;
    made.path = "/h.cfg";
    made.rendered = model::Result<std::string>("now");
    made.backends = 2;
    made.checked = model::Result<void>();
    made.reload_by = "the command reload";
    made.is_there = true;
    made.text = std::string("now");
    add_version(made, Grade::good, "now");
    made.index->placed = 1;
    return made;
}

/// What is not as in file_facts().
Lines file_found(const app::FileFacts& facts) {
    Lines found = lines(app::on_file(facts));
    std::erase_if(found, [](const std::string& line) {
        return line == file_checked || line == file_loaded || line == file_good;
    });
    return found;
}

}  // namespace

TEST_SUITE("check: managed file") {
    TEST_CASE("one that is rendered, checked, loaded and in place is well") {
        CHECK(lines(app::on_file(file_facts())) == Lines{file_checked, file_loaded, file_good});
    }

    TEST_CASE("a template that is none is told where it is wrong, and nothing is rendered") {
        app::FileFacts facts = file_facts();
        facts.template_error = file_trouble;
        facts.rendered.reset();
        facts.checked.reset();
        CHECK(lines(app::on_file(facts)) == Lines{"failure  file there: wrong (mend it)",
                                                  file_loaded,
                                                  "ok       file /h.cfg: version 1 is in place"});
    }

    TEST_CASE("what Consul did not tell is a warning, for the file stays as it is") {
        app::FileFacts facts = file_facts();
        facts.rendered = model::Result<std::string>(file_trouble);
        facts.checked.reset();
        CHECK(file_found(facts) ==
              Lines{"warning  file /h.cfg: what it would be is not known: there: wrong (mend it) "
                    "(slotd leaves it as it is until that is known)",
                    "ok       file /h.cfg: version 1 is in place"});
    }

    TEST_CASE("HAProxy's check, the reload, the folder and the history each may fail") {
        app::FileFacts facts = file_facts();
        facts.checked = model::Result<void>(file_trouble);
        facts.reload_trouble = file_trouble;
        facts.folder_trouble = "/: Read-only file system";
        facts.index = model::Result<file::Index>(file_trouble);
        CHECK(
            file_found(facts) ==
            Lines{"failure  file /h.cfg: slotd can't write it: /: Read-only file system (slotd "
                  "writes the file beside it and renames it; run `slotd check` as slotd's user)",
                  "failure  file /h.cfg: HAProxy's check does not take what would be rendered: "
                  "there: wrong (mend it) (mend the template, or `check` in [file]; `slotd render "
                  "--stdout` prints it)",
                  "failure  file /h.cfg: slotd can't reload HAProxy: there: wrong (mend it)",
                  "failure  file there: wrong (mend it)"});
    }

    TEST_CASE("a pin, and a version that HAProxy did not take") {
        app::FileFacts facts = file_facts();
        facts.index->pinned = 1;
        add_version(facts, Grade::refused, "bad");
        facts.index->versions.back().note = "line 3";
        CHECK(
            file_found(facts) ==
            Lines{"warning  file /h.cfg: version 1 is pinned since a rollback: nothing is rendered "
                  "(`slotd render --unpin` ends that)",
                  "warning  file /h.cfg: HAProxy did not take version 2: line 3 (`slotd history "
                  "show 2` has it)"});
    }

    TEST_CASE("a file that is not there, is somebody else's, is old, or can't be read") {
        app::FileFacts facts = file_facts();
        facts.text = std::string("by hand");
        CHECK(file_found(facts) ==
              Lines{"warning  file /h.cfg: somebody else wrote it: slotd leaves it alone (`slotd "
                    "render --diff` shows what would be, `slotd render --force` does it)"});
        facts.text = std::string("now");
        facts.rendered = model::Result<std::string>("later");
        CHECK(file_found(facts) ==
              Lines{"warning  file /h.cfg: it is not what would be rendered now (`slotd run` keeps "
                    "it: does it run? `slotd render --diff` shows what differs)"});
        facts.index->pinned = 1;
        CHECK(file_found(facts).back() == "ok       file /h.cfg: version 1 is in place");
        facts.text = model::Result<std::string>(file_trouble);
        CHECK(file_found(facts).back() ==
              "failure  file /h.cfg: it can't be read: wrong (run `slotd check` as slotd's user)");
        facts.is_there = false;
        CHECK(file_found(facts).back() ==
              "ok       file /h.cfg: it is not there yet: `slotd run` or `slotd render` writes it");
    }
}
