// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/file/hash.hpp"
#include "slotd/model/text.hpp"
#include "words.hpp"

#include <utility>

namespace slotd::app {
namespace {

std::string version(unsigned number) {
    return "version " + std::to_string(number);
}

class FileExamination {
  public:
    explicit FileExamination(const FileFacts& facts)
        : facts_(facts), where_(model::printable(facts.path, 300)) {}

    Findings make() {
        if (!facts_.folder_trouble.empty())
            add(Level::failure, Code::file_not_writable,
                "slotd can't write it: " + facts_.folder_trouble,
                "slotd writes the file beside it and renames it; run `slotd check` as slotd's "
                "user");
        text_to_be();
        reload();
        history();
        content();
        return std::move(findings_);
    }

  private:
    void add(Level level, Code code, std::string what, std::string hint = {}) {
        findings_.emplace_back(level, Area::file, code, where_, std::move(what), std::move(hint));
    }

    void text_to_be() {
        if (facts_.template_error)
            findings_.push_back(
                failure(Area::file, Code::file_template_wrong, *facts_.template_error));
        if (!facts_.rendered)
            return;
        if (!*facts_.rendered)
            add(Level::warning, Code::file_not_rendered,
                "what it would be is not known: " + to_string(facts_.rendered->error()),
                "slotd leaves it as it is until that is known");
        else if (facts_.checked && !*facts_.checked)
            add(Level::failure, Code::file_check_fails,
                "HAProxy's check does not take what would be rendered: " +
                    to_string(facts_.checked->error()),
                "mend the template, or `check` in [file]; `slotd render --stdout` prints it");
        else if (facts_.checked)
            add(Level::ok, Code::file_check_passes,
                "HAProxy's check takes what would be rendered: " +
                    count(facts_.backends, "backend"));
    }

    void reload() {
        if (facts_.reload_trouble)
            add(Level::failure, Code::file_reload_impossible,
                "slotd can't reload HAProxy: " + facts_.reload_trouble->where + ": " +
                    facts_.reload_trouble->what,
                facts_.reload_trouble->hint);
        else
            add(Level::ok, Code::file_reload_possible, "it is loaded by " + facts_.reload_by);
    }

    void history() {
        if (!facts_.index) {
            findings_.push_back(
                failure(Area::file, Code::file_history_unreadable, facts_.index.error(), where_));
            return;
        }
        const file::Index& index = *facts_.index;
        if (index.pinned)
            add(Level::warning, Code::file_pinned,
                version(*index.pinned) + " is pinned since a rollback: nothing is rendered",
                "`slotd render --unpin` ends that");
        const file::Version* newest = index.newest();
        if (newest && !newest->note.empty() &&
            (newest->grade == file::Grade::refused || newest->grade == file::Grade::failed))
            add(Level::warning, Code::file_version_failed,
                "HAProxy did not take " + version(newest->number) + ": " + newest->note,
                "`slotd history show " + std::to_string(newest->number) + "` has it");
    }

    void content() {
        if (!facts_.is_there) {
            add(Level::ok, Code::file_missing,
                "it is not there yet: `slotd run` or `slotd render` writes it");
            return;
        }
        if (!facts_.text) {
            add(Level::failure, Code::file_not_readable,
                "it can't be read: " + facts_.text.error().what,
                "run `slotd check` as slotd's user");
            return;
        }
        const bool is_known = facts_.rendered && *facts_.rendered;
        if (is_known && **facts_.rendered == *facts_.text)
            add(Level::ok, Code::file_in_place, "it is what would be rendered now");
        else if (facts_.index && !facts_.index->is_own(file::sha256(*facts_.text)))
            add(Level::warning, Code::file_edited, "somebody else wrote it: slotd leaves it alone",
                "`slotd render --diff` shows what would be, `slotd render --force` does it");
        else if (is_known && facts_.index && !facts_.index->pinned)
            add(Level::warning, Code::file_old, "it is not what would be rendered now",
                "`slotd run` keeps it: does it run? `slotd render --diff` shows what differs");
        else if (facts_.index && facts_.index->placed)
            add(Level::ok, Code::file_in_place, version(*facts_.index->placed) + " is in place");
    }

    const FileFacts& facts_;
    std::string where_;
    Findings findings_;
};

}  // namespace

Findings on_file(const FileFacts& facts) {
    return FileExamination(facts).make();
}

}  // namespace slotd::app
