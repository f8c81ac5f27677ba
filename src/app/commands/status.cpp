// SPDX-License-Identifier: MIT
#include "../terminal.hpp"
#include "commands.hpp"
#include "session.hpp"
#include "slotd/app/admin_access.hpp"
#include "slotd/app/screen.hpp"
#include "slotd/app/status_text.hpp"
#include "slotd/net/http.hpp"

#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <utility>

namespace slotd::app {
namespace {

constexpr std::chrono::seconds between_looks(1);

/// What is asked for, as it is shown.
class Look {
  public:
    Look(const Options& options, const AdminAccess& access)
        : options_(options),
          access_(access),
          colours_(shows_colours(process_environment()) ? Colours::ansi() : Colours::none()),
          target_("/v1/status" + (options.backend.empty()
                                      ? std::string()
                                      : "?backend=" + net::percent_encode(options.backend))) {}

    model::Result<std::string> take() const {
        auto document = access_.get(target_);
        if (!document || options_.format == OutputFormat::json)
            return document;
        return status_text(*document, options_.backend, colours_);
    }

    bool is_text() const { return options_.format == OutputFormat::text; }

  private:
    const Options& options_;
    const AdminAccess& access_;
    Colours colours_;
    std::string target_;
};

asio::awaitable<bool> rest(asio::any_io_executor executor) {
    asio::steady_timer timer(executor, between_looks);
    co_await timer.async_wait(asio::use_awaitable);
    co_return true;
}

/// Looks until a signal ends it. While slotd does not answer, what it said last stays to be seen.
int watch(asio::io_context& io, const Look& look, std::string last) {
    Screen screen;
    asio::signal_set end(io, SIGINT, SIGTERM);
    end.async_wait([&screen](const asio::error_code&, int) {
        screen.leave();
        std::fflush(nullptr);
        std::_Exit(0);
    });
    std::string text = last;
    while (screen.draw(text)) {
        wait_for(io, rest(io.get_executor()));
        auto next = look.take();
        if (next)
            text = last = *std::move(next);
        else if (look.is_text())
            text = to_string(next.error()) + "\nThis is what it said last:\n\n" + last;
        else
            text.clear();
    }
    return 1;
}

}  // namespace

int status(const Options& options) {
    AdminPlacesReading reading = admin_places(options, default_config_file);
    for (const model::Error& error : reading.errors) print(error);
    if (!reading.errors.empty())
        return exit_code(reading.errors);
    asio::io_context io{1};
    const AdminAccess access(io, std::move(reading.places));
    const Look look(options, access);
    auto text = look.take();
    if (!text) {
        print(text.error());
        return exit_code(text.error());
    }
    if (options.watch)
        return watch(io, look, *std::move(text));
    std::fputs(text->c_str(), stdout);
    return 0;
}

}  // namespace slotd::app
