// SPDX-License-Identifier: MIT
#include "slotd/file/keeper.hpp"

#include "known.hpp"
#include "pace.hpp"
#include "report.hpp"
#include "slotd/file/renderer.hpp"
#include "slotd/file/survey.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slotd::file {
namespace {

using model::Time;
using std::chrono::milliseconds;

constexpr milliseconds first_retry(5'000);
constexpr milliseconds last_retry(300'000);
constexpr milliseconds longest_wait(15'000);
constexpr const char* template_changed = "the template changed";

}  // namespace

class Keeper::Impl {
  public:
    explicit Impl(KeeperParts parts)
        : parts_(std::move(parts)),
          settings_(parts_.settings),
          publisher_(settings_, *parts_.control, *parts_.log, parts_.wall_clock, parts_.is_paused),
          renderer_(settings_),
          report_(*parts_.log, parts_.events, settings_.output),
          known_(parts_.executor, settings_, parts_.listing, *parts_.subscriptions, report_,
                 parts_.random, [this] { stir(); }),
          pace_(settings_.settle, settings_.min_interval),
          retry_(first_retry, last_retry, parts_.random),
          timer_(parts_.executor) {
        standing_.path = settings_.output;
    }

    asio::awaitable<void> run() {
        if (auto kept = load_backends(settings_.folder); kept)
            backends_ = *std::move(kept);
        else
            report_.wrong("kept", to_string(kept.error()));
        render_anyway_at_ = parts_.clock() + longest_wait;
        known_.follow_services();
        for (;;) {
            stirred_ = false;
            look_at_template();
            co_await look_at_file();
            take_services();
            co_await drop_overdue();
            render();
            co_await publish();
            describe();
            if (stirred_)
                continue;
            const Time now = parts_.clock();
            const Time poll = now + settings_.poll;
            timer_.expires_after(std::min(pace_.due().value_or(poll), poll) - now);
            asio::error_code woken;
            co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }

    const sync::FileStatus& standing() const { return standing_; }

  private:
    void stir() {
        stirred_ = true;
        timer_.cancel();
    }

    void look_at_template() {
        const auto read = renderer_.refresh();
        if (!read) {
            template_error_ = to_string(read.error());
            report_.wrong("template",
                          template_error_ + "; " + settings_.output + " stays as it is");
            return;
        }
        if (!*read)
            return;
        if (has_template_)
            causes_.insert(template_changed);
        has_template_ = true;
        template_error_.clear();
        report_.wrong("template", {});
        known_.follow_lines(renderer_.lines_of());
    }

    /// Somebody else wrote the file or its history (a command did), or a killed slotd left work.
    asio::awaitable<void> look_at_file() {
        // The first look also makes the history's folder.
        const bool is_same = has_looked_ && publisher_.seen() == Seen::now(settings_);
        if (is_same && !is_unproven_ && !is_left_)
            co_return;
        const auto outcome = co_await publisher_.look();
        has_looked_ = true;
        if (!is_same)
            tried_.reset();
        take_outcome(outcome, {});
    }

    void take_services() {
        const ServiceTags* services = known_.services();
        if (!services)
            return;
        const Selection selection = select(*services, settings_);
        report_.remarks("names", selection.refused);
        known_.follow_instances(selection);
        Merged merged = merge(backends_, selection, known_.meta(backends_), parts_.wall_clock());
        are_all_known_ = merged.metaless.empty();
        came_.insert(merged.came.begin(), merged.came.end());
        for (const std::string& service : merged.left)
            report_.info("the service " + service + " is gone; its backend stays for " +
                         std::to_string(settings_.linger_at_least().count() / 1000) + " s");
        for (const std::string& service : merged.back)
            report_.info("the service " + service + " is back");
        keep(std::move(merged.backends));
    }

    asio::awaitable<void> drop_overdue() {
        std::vector<std::string> due =
            overdue(backends_, parts_.wall_clock(), settings_.linger_at_least());
        if (due.empty() || !known_.services() || parts_.clock() < confirm_again_)
            co_return;
        confirm_again_ = parts_.clock() + first_retry;
        const Confirmed confirmed =
            co_await confirm_gone(settings_, *parts_.listing, *parts_.source, std::move(due));
        std::vector<model::Error> hidden_ones;
        for (const std::string& service : confirmed.hidden) hidden_ones.push_back(hidden(service));
        report_.remarks("hidden", hidden_ones);
        Backends left = backends_;
        for (const std::string& service : confirmed.gone) {
            // It may have come back while Consul was asked.
            const auto found = left.find(service);
            if (found == left.end() || !found->second.gone_since)
                continue;
            left.erase(found);
            came_.erase(service);
            went_.insert(service);
        }
        keep(std::move(left));
    }

    void keep(Backends backends) {
        if (backends == backends_)
            return;
        backends_ = std::move(backends);
        report_.remarks("meta", remarks_on(backends_));
        const auto saved = save_backends(settings_.folder, backends_);
        report_.wrong("kept", saved ? std::string() : to_string(saved.error()));
    }

    /// Makes the text, and begins to wait for quiet when it is another one.
    void render() {
        const auto lines = known_.lines();
        const bool heard = known_.services() || !backends_.empty();
        // At a start the services are heard of one after the other; one that Consul says nothing
        // about holds up the others no longer than this.
        const bool is_complete =
            are_all_known_ || wanted_.has_value() || parts_.clock() >= render_anyway_at_;
        if (!has_template_ || !lines || !heard || !is_complete)
            return;
        std::string text = renderer_.render(backends_, *lines);
        if (wanted_ && *wanted_ == text) {
            if (!tried_ && !pace_.due())
                pace_.changed(parts_.clock());
            // It is not why the next version comes.
            if (tried_ && causes_.erase(template_changed) > 0)
                parts_.log->debug(settings_.output +
                                  ": the template changed and makes the same text");
            return;
        }
        if (lines_ && *lines_ != *lines)
            causes_.insert("the lines of a key changed");
        lines_ = *lines;
        wanted_ = std::move(text);
        retry_.reset();
        retry_at_.reset();
        tried_.reset();
        pace_.changed(parts_.clock());
    }

    asio::awaitable<void> publish() {
        const Time now = parts_.clock();
        if (retry_at_ && now >= *retry_at_) {
            retry_at_.reset();
            tried_.reset();
            pace_.changed(now - settings_.settle);
        }
        if (!wanted_ || tried_ == *wanted_) {
            pace_.done();
            co_return;
        }
        if (const auto due = pace_.due(); !due || now < *due)
            co_return;
        pace_.done();
        // render() begins to wait for quiet anew, so that it is done soon after the pause.
        if (parts_.is_paused())
            co_return;
        std::string cause = cause_of();
        Wanted wanted(*wanted_, cause);
        tried_ = *wanted_;
        const auto outcome = co_await publisher_.publish(std::move(wanted));
        take_outcome(outcome, cause);
        // It is done soon after the pause, as above.
        if (outcome && (outcome->came == Came::paused || outcome->came == Came::left))
            tried_.reset();
    }

    std::string cause_of() const {
        std::string text = why(std::vector<std::string>(came_.begin(), came_.end()),
                               std::vector<std::string>(went_.begin(), went_.end()));
        for (const std::string& cause : causes_) text += (text.empty() ? "" : "; ") + cause;
        return text.empty() ? "slotd started" : text;
    }

    void take_outcome(const model::Result<Outcome>& outcome, const std::string& cause) {
        report_.outcome(outcome, cause, parts_.clock());
        if (!outcome) {
            standing_.error = to_string(outcome.error());
            try_again_later();
            return;
        }
        const Came came = outcome->came;
        // The look before it knew what is to be known of the version in place.
        if (came == Came::paused)
            return;
        is_unproven_ = came == Came::unproven;
        is_left_ = came == Came::left;
        standing_.edited = came == Came::edited;
        standing_.pinned = came == Came::pinned ? std::optional(outcome->version) : std::nullopt;
        standing_.error = outcome->error ? to_string(*outcome->error) : std::string();
        if (came == Came::placed || came == Came::unproven || came == Came::unchanged ||
            came == Came::pinned || came == Came::left)
            standing_.version = outcome->version;
        if (came == Came::placed || came == Came::rolled_back || came == Came::failed)
            pace_.reloaded(parts_.clock());
        if (came == Came::placed) {
            standing_.placed = parts_.wall_clock();
            came_.clear();
            went_.clear();
            causes_.clear();
        }
        if (came == Came::refused)
            try_again_later();
        else
            retry_.reset();
    }

    /// What the check refuses for want of something else (a certificate) may be taken later.
    void try_again_later() { retry_at_ = parts_.clock() + retry_.next(); }

    void describe() {
        standing_.backends = backends_.size();
        standing_.lingering = static_cast<std::size_t>(
            std::count_if(backends_.begin(), backends_.end(),
                          [](const auto& entry) { return entry.second.gone_since.has_value(); }));
        standing_.doubt = template_error_.empty() ? known_.doubt() : template_error_;
    }

    KeeperParts parts_;
    const Settings& settings_;
    Publisher publisher_;
    Renderer renderer_;
    Report report_;
    Known known_;
    Pace pace_;
    model::Backoff retry_;
    asio::steady_timer timer_;

    bool stirred_ = false;
    bool has_template_ = false;
    std::string template_error_;
    Backends backends_;
    bool are_all_known_ = false;  ///< the meta of every chosen service
    Time confirm_again_{};
    Time render_anyway_at_{};

    std::optional<std::map<std::string, std::string>> lines_;
    std::optional<std::string> wanted_;  ///< the text as it would be now
    std::optional<std::string> tried_;   ///< the one that was last handed to the publisher
    std::optional<Time> retry_at_;
    bool has_looked_ = false;
    bool is_unproven_ = false;
    bool is_left_ = false;

    std::set<std::string> came_;  ///< since the last version that was placed
    std::set<std::string> went_;
    std::set<std::string> causes_;
    sync::FileStatus standing_;
};

Keeper::Keeper(KeeperParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Keeper::~Keeper() = default;

asio::awaitable<void> Keeper::run() {
    return impl_->run();
}

const sync::FileStatus& Keeper::standing() const {
    return impl_->standing();
}

}  // namespace slotd::file
