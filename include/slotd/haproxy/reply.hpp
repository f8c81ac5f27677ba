// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/command.hpp"
#include "slotd/model/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace slotd::haproxy {

enum class OutcomeKind {
    done,
    unchanged,         ///< it was so already
    static_algorithm,  ///< the backend's balance algorithm takes only 0 and the line's weight
    reloaded,          ///< an old worker answered: HAProxy was reloaded meanwhile
    no_permission,     ///< the socket's level is too low
    vanished,          ///< no such backend or server
    unsupported,  ///< this HAProxy does not know the command, or the slot's line does not allow it
    refused,      ///< HAProxy said no in other known words
    unreadable,   ///< words slotd does not know: a failure, with unknown effect
    no_reply,     ///< the connection ended first: unknown effect
    not_shown,    ///< it was taken, and HAProxy does not show it
};

/// "done", "unchanged", "static-algorithm", ...: as the metrics call it.
std::string_view to_string(OutcomeKind kind);

struct Outcome {
    OutcomeKind kind;
    std::string text;  ///< HAProxy's words, printable, one line; empty for a silent success

    Outcome(OutcomeKind kind_, std::string text_) : kind(kind_), text(std::move(text_)) {}
    bool ok() const { return kind == OutcomeKind::done || kind == OutcomeKind::unchanged; }
    bool operator==(const Outcome&) const = default;
};

/// Matches the reply to `command` against everything HAProxy 2.2 to 3.2 answer to it. What is not
/// known is unreadable.
Outcome read_reply(const model::Command& command, std::string_view reply);

/// What to do about a failed command, for the log and for errors; empty when HAProxy's words say it
/// all.
std::string_view advice(OutcomeKind kind);

/// Cuts what a connection in `prompt` gave into replies, one for each line sent, that of `prompt`
/// itself included. Fewer than were sent when the connection broke; a reply without its closing
/// prompt is not one.
std::vector<std::string_view> split_replies(std::string_view received);

/// Whether it is the master process that answers in `prompt`: its own prompt is no end of a reply,
/// and it does not close the connection by itself.
bool is_of_master(std::string_view received);

/// What to say then, of `where`.
model::Error masters_socket(std::string where);

/// Counts replies in an answer that grows, until nothing more can come.
class ReplyCounter {
  public:
    explicit ReplyCounter(std::size_t expected) : expected_(expected) {}
    /// Whether all are in `received`, of which only the part that is new is looked at.
    bool operator()(std::string_view received);

  private:
    std::size_t expected_;
    std::size_t seen_ = 0;
    std::size_t at_ = 0;
};

}  // namespace slotd::haproxy
