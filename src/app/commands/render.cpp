// SPDX-License-Identifier: MIT
#include "../terminal.hpp"
#include "commands.hpp"
#include "file_session.hpp"
#include "slotd/catalog/listing.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/file/diff.hpp"
#include "slotd/file/survey.hpp"
#include "slotd/sync/file.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

namespace slotd::app {
namespace {

model::Result<void> agree(const Options& options) {
    if (options.diff + options.check + options.to_stdout > 1)
        return model::Error(model::ErrorKind::usage,
                            "only one of --diff, --check and --stdout can be done at a time");
    if ((options.force || options.unpin) && (options.diff || options.check || options.to_stdout))
        return model::Error(model::ErrorKind::usage,
                            "nothing is written, so there is nothing for it",
                            options.force ? "--force" : "--unpin", "leave it out");
    return {};
}

// What keeps `slotd render` from doing what is only shown now.
void print_pin(const file::Settings& settings) {
    const auto history = file::History::open(settings.folder, settings.keep);
    if (!history)
        print_warning(history.error());
    else if (history->index().pinned)
        std::fprintf(stderr,
                     "slotd: version %u is pinned since `slotd rollback`: this waits for `slotd "
                     "render --unpin`\n",
                     *history->index().pinned);
}

int print_diff(const file::Settings& settings, const std::string& text) {
    std::string before;
    if (!sync::is_missing(settings.output)) {
        auto read = sync::read_file(settings.output);
        if (!read) {
            print(model::Error(model::ErrorKind::refused, "can't be read: " + read.error().what,
                               settings.output));
            return 1;
        }
        before = *std::move(read);
    }
    const std::string diff = file::unified_diff(
        before, text, settings.output, settings.output + " as it would be",
        shows_colours(process_environment()) ? file::Colour::yes : file::Colour::no);
    std::fputs(diff.c_str(), stdout);
    return 0;
}

int check_text(FileSession& work, const file::Settings& settings, const std::string& text) {
    const auto checked = wait_for(work.io, work.publisher.check(text));
    if (!checked) {
        print(checked.error());
        return exit_code(checked.error());
    }
    std::printf("HAProxy takes what would be %s\n", settings.output.c_str());
    return 0;
}

int publish(FileSession& work, const Options& options, const file::Settings& settings,
            file::Rendered rendered) {
    file::Wanted wanted(std::move(rendered.text),
                        rendered.why.empty() ? "rendered by hand" : rendered.why);
    wanted.force = options.force;
    wanted.unpin = options.unpin;
    const std::string cause = wanted.why;
    // First what a killed slotd left undone.
    if (const auto looked = wait_for(work.io, work.publisher.look()); !looked) {
        print(looked.error());
        return exit_code(looked.error());
    }
    const auto outcome = wait_for(work.io, work.publisher.publish(std::move(wanted)));
    if (!outcome) {
        print(outcome.error());
        return exit_code(outcome.error());
    }
    if (is_done(outcome->came)) {
        if (const auto saved = save_backends(settings.folder, rendered.backends); !saved) {
            print(saved.error());
            return exit_code(saved.error());
        }
    }
    return tell(*outcome, settings.output, cause);
}

}  // namespace

int render(const Options& options, const Setup& setup) {
    if (const auto agreed = agree(options); !agreed) {
        print(agreed.error());
        return exit_code(agreed.error());
    }
    for (const model::Error& warning : setup.warnings) print_warning(warning);
    const file::Settings& settings = *setup.file;
    FileSession work(options, setup);
    const asio::any_io_executor executor = work.io.get_executor();
    const auto listing = catalog::consul_listing(executor, setup.http, setup.scope);
    const auto source = catalog::consul_source(executor, setup.http, setup.scope);
    auto rendered = wait_for(
        work.io, file::render_once(settings, *listing, *source, std::chrono::system_clock::now()));
    if (!rendered) {
        print(rendered.error());
        return exit_code(rendered.error());
    }
    for (const model::Error& remark : rendered->remarks) print_warning(remark);
    if (options.to_stdout) {
        std::fwrite(rendered->text.data(), 1, rendered->text.size(), stdout);
        return 0;
    }
    if (options.check)
        return check_text(work, settings, rendered->text);
    if (options.diff) {
        print_pin(settings);
        return print_diff(settings, rendered->text);
    }
    return publish(work, options, settings, *std::move(rendered));
}

}  // namespace slotd::app
