// SPDX-License-Identifier: MIT
#include "../table.hpp"
#include "../terminal.hpp"
#include "commands.hpp"
#include "file_session.hpp"
#include "slotd/file/diff.hpp"

#include <cstdio>
#include <string>

namespace slotd::app {
namespace {

constexpr std::size_t shown_hash = 12;

model::Error misused(const std::string& what) {
    return model::Error(model::ErrorKind::usage, what, {},
                        "write `slotd history`, `slotd history show N` or `slotd history diff N "
                        "[M]`");
}

void print_list(const file::Index& index) {
    Table table({" ", "VERSION", "TIME", "GRADE", "SHA256", "WHY"});
    for (const file::Version& version : index.versions) {
        const bool is_pinned = index.pinned == version.number;
        table.add({index.placed == version.number ? "*" : " ", std::to_string(version.number),
                   model::utc_text(version.time), std::string(to_string(version.grade)),
                   version.hash.substr(0, shown_hash), version.why});
        if (is_pinned)
            table.note("pinned: nothing is rendered until `slotd render --unpin`");
        if (!version.note.empty())
            table.note(version.note);
    }
    std::fputs(table.text({}, {}).c_str(), stdout);
}

model::Result<void> print_text(const file::History& history, unsigned number) {
    const auto text = history.text(number);
    if (!text)
        return text.error();
    std::fwrite(text->data(), 1, text->size(), stdout);
    return {};
}

model::Result<void> print_diff(const file::History& history, unsigned from,
                               std::optional<unsigned> to) {
    if (auto begun = history.check_begun(); !begun)
        return begun;
    if (!to)
        to = history.index().placed;
    if (!to)
        return misused("no version is in place that " + std::to_string(from) +
                       " could be compared with");
    const auto before = history.text(from);
    if (!before)
        return before.error();
    const auto after = history.text(*to);
    if (!after)
        return after.error();
    const std::string diff = file::unified_diff(
        *before, *after, "version " + std::to_string(from), "version " + std::to_string(*to),
        shows_colours(process_environment()) ? file::Colour::yes : file::Colour::no);
    std::fputs(diff.c_str(), stdout);
    return {};
}

model::Result<void> print_history(const Options& options, const file::Settings& settings) {
    if (!options.action.empty() && !options.version)
        return misused("which version?");
    if (options.action == "show" && options.other_version)
        return misused("`show` takes one version");
    const auto history = file::History::open(settings.folder, settings.keep);
    if (!history)
        return history.error();
    if (options.action == "show")
        return print_text(*history, *options.version);
    if (options.action == "diff")
        return print_diff(*history, *options.version, options.other_version);
    if (const auto begun = history->check_begun(); !begun)
        print_warning(begun.error());
    else
        print_list(history->index());
    return {};
}

}  // namespace

int history(const Options& options, const Setup& setup) {
    const auto printed = print_history(options, *setup.file);
    if (printed)
        return 0;
    print(printed.error());
    return exit_code(printed.error());
}

}  // namespace slotd::app
