// SPDX-License-Identifier: MIT
#include "job.hpp"

#include "slotd/file/hash.hpp"
#include "slotd/sync/file.hpp"

#include <utility>

// The order of the steps is what makes a kill harmless. A version is in the history, as new, before
// it is in the file's place; it becomes the one in place for the index only after HAProxy came up
// with it. So whoever comes next can tell from the index and the file alone. When the newest
// version is later than the one in place, and
//   it is new, and the file is that version:      it was renamed over, perhaps not loaded: load it
//   it is new, and the file is something else:    it never got there: forget it
//   it failed, and is still the file:             the way back was cut off: go on with it
// That it is to be pinned then is kept with it from the start, or a killed rollback would be undone
// by the next text that a daemon wants there.
// A file that is none of these, nor the version in place, was written by somebody else.

namespace slotd::file {

using model::Error;
using model::ErrorKind;
using model::Result;

namespace {

std::string name_of(unsigned number) {
    return "version " + std::to_string(number);
}

Outcome left(unsigned number, bool is_new) {
    Error why(ErrorKind::refused, is_new ? "a slotd that was killed put " + name_of(number) +
                                               " there and did not get to "
                                               "have it loaded"
                                         : "HAProxy did not come up with " + name_of(number) +
                                               ", and a slotd that was "
                                               "killed did not get to put the one before back");
    why.hint = "that is done when the pause is over";
    return Outcome(Came::left, number, std::move(why));
}

}  // namespace

Job::Job(const Settings& settings, Control& control, sync::Log& log, model::WallTime now,
         History history, const Publisher::IsPaused& is_paused)
    : settings_(settings),
      control_(control),
      log_(log),
      now_(now),
      history_(std::move(history)),
      is_paused_(is_paused) {}

void Job::say(const std::string& step) {
    log_.debug(settings_.output + ": " + step);
}

Result<void> Job::read_file() {
    stamp_ = Stamp::of(settings_.output);
    is_there_ = !sync::is_missing(settings_.output);
    text_.clear();
    hash_.clear();
    if (!is_there_)
        return {};
    auto text = sync::read_file(settings_.output);
    if (!text)
        return Error(ErrorKind::refused, "can't be read: " + text.error().what, settings_.output);
    text_ = *std::move(text);
    hash_ = sha256(text_);
    return {};
}

Result<void> Job::replace(sync::Replacement replacement) {
    // A renamed file keeps it; the file of that name may be somebody else's again.
    const Stamp stamp = Stamp::of(replacement.beside());
    if (auto renamed = replacement.put_in_place(); !renamed)
        return renamed;
    stamp_ = stamp;
    return {};
}

asio::awaitable<Result<std::optional<Outcome>>> Job::begin() {
    if (auto read = read_file(); !read)
        co_return read.error();
    const Version* newest = index().newest();
    if (!newest || !index().was_on_its_way(*newest))
        co_return std::optional<Outcome>();
    const unsigned number = newest->number;
    const bool is_new = newest->grade == Grade::fresh;
    if (newest->hash != hash_) {
        if (!is_new)
            co_return std::optional<Outcome>();
        say("a slotd that was killed did not put " + name_of(number) + " in place");
        if (auto dropped = history_.drop({number}); !dropped)
            co_return dropped.error();
        co_return std::optional<Outcome>();
    }
    // With nothing to go back to it stays.
    if (!is_new && !index().placed)
        co_return std::optional<Outcome>();
    if (is_paused_())
        co_return std::optional(left(number, is_new));
    if (is_new) {
        say("a slotd that was killed put " + name_of(number) + " in place; it is loaded now");
        auto loaded = co_await load(number);
        if (!loaded)
            co_return loaded.error();
        co_return std::optional<Outcome>(*std::move(loaded));
    }
    say("a slotd that was killed was on its way back from " + name_of(number));
    Error why(ErrorKind::refused, newest->note);
    auto restored = co_await restore(number, std::move(why));
    if (!restored)
        co_return restored.error();
    co_return std::optional<Outcome>(*std::move(restored));
}

bool Job::is_edited() const {
    return is_there_ && !index().is_own(hash_);
}

Result<unsigned> Job::keep_edit() {
    for (const Version& one : index().versions)
        if (one.grade == Grade::edited && one.hash == hash_)
            return one.number;
    const std::string why = index().placed ? "edited by hand" : "found there";
    auto number = history_.add(text_, Grade::edited, why, now_);
    if (number)
        say("what somebody else wrote is kept as " + name_of(*number));
    return number;
}

Result<unsigned> Job::take_as_it_is(std::string why, bool pin) {
    const auto number = history_.add(text_, Grade::fresh, std::move(why), now_, pin);
    if (!number)
        return number;
    Index changed = index();
    changed.placed = *number;
    if (std::exchange(changed.find(*number)->pins, false))
        changed.pinned = *number;
    if (auto saved = history_.save(std::move(changed)); !saved)
        return saved.error();
    return number;
}

// The same refusal again, of another try, is no new version.
Result<unsigned> Job::keep_refused(const std::string& text, std::string why, const Error& error) {
    const Version* newest = index().newest();
    if (newest && newest->grade == Grade::refused && newest->hash == sha256(text))
        return newest->number;
    const auto number = history_.add(text, Grade::refused, std::move(why), now_);
    if (!number)
        return number;
    Index changed = index();
    changed.find(*number)->note = to_string(error);
    if (auto saved = history_.save(std::move(changed)); !saved)
        return saved.error();
    return number;
}

// The version that was to take the place of the file never gets there.
Result<unsigned> Job::give_way(unsigned number, std::optional<unsigned> placed) {
    Index changed = index();
    if (!placed || changed.find(placed))
        changed.placed = placed;
    if (auto saved = history_.save(std::move(changed)); !saved)
        return saved.error();
    if (auto dropped = history_.drop({number}); !dropped)
        return dropped.error();
    return keep_edit();
}

asio::awaitable<Result<Outcome>> Job::put(std::string text, std::string why, bool pin) {
    auto replacement = sync::Replacement::write(settings_.output, text);
    if (!replacement)
        co_return replacement.error();
    say("the new text is written beside it");
    const auto checked = co_await control_.check(replacement->beside());
    if (!checked) {
        const auto kept = keep_refused(text, std::move(why), checked.error());
        if (!kept)
            co_return kept.error();
        co_return Outcome(Came::refused, *kept, checked.error());
    }
    say("the new text is checked by HAProxy");
    // Nothing is waited for from here to the renaming, so no pause can begin in between.
    if (is_paused_())
        co_return Outcome(Came::paused, 0);
    const std::string seen = hash_;
    const auto placed = index().placed;
    // What to go back to must be in the history first.
    if (is_edited()) {
        const auto kept = keep_edit();
        if (!kept)
            co_return kept.error();
        Index changed = index();
        changed.placed = *kept;
        if (auto saved = history_.save(std::move(changed)); !saved)
            co_return saved.error();
    }
    const auto number = history_.add(text, Grade::fresh, std::move(why), now_, pin);
    if (!number)
        co_return number.error();
    say("it is kept as " + name_of(*number));
    // Somebody may have saved an edit while HAProxy checked.
    if (auto read = read_file(); !read)
        co_return read.error();
    if (hash_ != seen && is_edited()) {
        const auto kept = give_way(*number, placed);
        if (!kept)
            co_return kept.error();
        co_return Outcome(Came::edited, *kept);
    }
    if (auto replaced = replace(*std::move(replacement)); !replaced)
        co_return replaced.error();
    say(name_of(*number) + " is in place");
    auto loaded = co_await load(*number);
    co_return loaded;
}

asio::awaitable<Result<Outcome>> Job::load(unsigned number) {
    const auto loaded = co_await control_.reload();
    Index changed = index();
    Version& version = *changed.find(number);
    const bool pins = std::exchange(version.pins, false);
    if (!loaded) {
        version.grade = Grade::failed;
        version.note = to_string(loaded.error());
        if (auto saved = history_.save(std::move(changed)); !saved)
            co_return saved.error();
        say("HAProxy did not come up with " + name_of(number));
        auto restored = co_await restore(number, loaded.error());
        co_return restored;
    }
    const bool is_up = *loaded == Loaded::yes;
    version.grade = is_up ? Grade::good : Grade::fresh;
    changed.placed = number;
    if (pins)
        changed.pinned = number;
    if (auto saved = history_.save(std::move(changed)); !saved)
        co_return saved.error();
    say(name_of(number) + (is_up ? " is loaded" : " waits for an HAProxy"));
    co_return Outcome(is_up ? Came::placed : Came::unproven, number);
}

asio::awaitable<Result<Outcome>> Job::restore(unsigned failed, Error why) {
    if (!index().placed)
        co_return Outcome(Came::failed, failed, std::move(why));
    // Somebody may have saved an edit while a new worker was waited for.
    if (auto read = read_file(); !read)
        co_return read.error();
    if (is_edited()) {
        const auto kept = keep_edit();
        if (!kept)
            co_return kept.error();
        why.what = "HAProxy did not come up with " + name_of(failed) + ": " + to_string(why);
        co_return Outcome(Came::edited, *kept, Error(ErrorKind::refused, std::move(why.what)));
    }
    const unsigned before = *index().placed;
    const auto text = history_.text(before);
    if (!text)
        co_return text.error();
    auto replacement = sync::Replacement::write(settings_.output, *text);
    if (!replacement)
        co_return replacement.error();
    if (auto replaced = replace(*std::move(replacement)); !replaced)
        co_return replaced.error();
    say(name_of(before) + " is in place again");
    const auto loaded = co_await control_.reload();
    if (!loaded) {
        why.what += "; and version " + std::to_string(before) +
                    ", which is in place again, could not be loaded: " + to_string(loaded.error());
        co_return Outcome(Came::failed, failed, std::move(why));
    }
    // A worker that ends right after its start takes the master with it.
    if (*loaded == Loaded::no_haproxy) {
        why.what += "; and no HAProxy answers any more that could load version " +
                    std::to_string(before) + ", which is in place again";
        co_return Outcome(Came::failed, failed, std::move(why));
    }
    say(name_of(before) + " is loaded again");
    co_return Outcome(Came::rolled_back, failed, std::move(why));
}

}  // namespace slotd::file
