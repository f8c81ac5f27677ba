// SPDX-License-Identifier: MIT
#include "slotd/haproxy/reply.hpp"

#include "slotd/model/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

// The words are those of HAProxy 2.2.9, 2.6.12, 3.0.11 and 3.2.26. Each reply in a prompt ends in
// "\n> "; a silent success is an empty line. Severity numbers would not help: every reply of `addr`
// has the same one, done or refused.

namespace slotd::haproxy {
namespace {

constexpr std::string_view by_socket = " by 'stats socket command'";
constexpr std::string_view prompt_mark = "\n> ";

std::string_view without_end(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
    return text;
}

struct Known {
    std::string_view begins;
    OutcomeKind kind;
};

// What any `set server` may be answered.
constexpr std::array refusals{
    Known{"No such server.", OutcomeKind::vanished},
    Known{"No such backend.", OutcomeKind::vanished},
    Known{"Permission denied", OutcomeKind::no_permission},
    Known{"Proxy is disabled.", OutcomeKind::reloaded},
    Known{"Unknown command", OutcomeKind::unsupported},
    Known{"Require 'backend/server'.", OutcomeKind::refused},
    Known{"Backend is using a static LB algorithm and only accepts weights",
          OutcomeKind::static_algorithm},
    Known{"Update for the current server address family is only supported",
          OutcomeKind::unsupported},
    Known{"Absolute weight can only be between 0 and 256", OutcomeKind::refused},
    Known{"Invalid addr ", OutcomeKind::refused},
    Known{"Invalid address", OutcomeKind::refused},
    Known{"problem converting port ", OutcomeKind::refused},
    Known{"'set server <srv> state' expects ", OutcomeKind::refused},
    Known{"'set server <srv>' only supports ", OutcomeKind::unsupported},
};

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// "KIND changed from 'x' to 'y'"; moves past it.
bool take_change(std::string_view& text, std::string_view kind) {
    std::string_view rest = text;
    if (!take(rest, kind) || !take(rest, " changed from '"))
        return false;
    for (const std::string_view between : {std::string_view("' to '"), std::string_view("'")}) {
        const auto at = rest.find(between);
        if (at == std::string_view::npos)
            return false;
        rest.remove_prefix(at + between.size());
    }
    text = rest;
    return true;
}

// A reply that only begins well is no success: with a port offset HAProxy changes the address and
// refuses the port in one.
std::optional<OutcomeKind> read_address_reply(std::string_view text) {
    if (text == "nothing changed" ||
        text == std::string("nothing changed") + std::string(by_socket))
        return OutcomeKind::unchanged;
    bool changed = false;
    bool said = false;
    if (take_change(text, "IP"))
        said = changed = true;
    else if (take(text, "no need to change the addr"))
        said = true;
    if (said)
        take(text, ", ");
    if (take_change(text, "port"))
        said = changed = true;
    else if (take(text, "no need to change the port"))
        said = true;
    take(text, by_socket);
    if (!said || !text.empty())
        return std::nullopt;
    return changed ? OutcomeKind::done : OutcomeKind::unchanged;
}

}  // namespace

Outcome read_reply(const model::Command& command, std::string_view reply) {
    const std::string_view text = without_end(reply);
    const auto outcome = [&](OutcomeKind kind) {
        // "Unknown command" is followed by kilobytes of help.
        return Outcome(kind, model::printable(text.substr(0, text.find('\n')), 300));
    };
    for (const Known& known : refusals)
        if (text.starts_with(known.begins))
            return outcome(known.kind);
    if (std::holds_alternative<model::SetAddress>(command.change)) {
        const auto kind = read_address_reply(text);
        return outcome(kind.value_or(OutcomeKind::unreadable));
    }
    return outcome(text.empty() ? OutcomeKind::done : OutcomeKind::unreadable);
}

std::string_view to_string(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::done:
            return "done";
        case OutcomeKind::unchanged:
            return "unchanged";
        case OutcomeKind::static_algorithm:
            return "static-algorithm";
        case OutcomeKind::reloaded:
            return "reloaded";
        case OutcomeKind::no_permission:
            return "no-permission";
        case OutcomeKind::vanished:
            return "vanished";
        case OutcomeKind::unsupported:
            return "unsupported";
        case OutcomeKind::refused:
            return "refused";
        case OutcomeKind::unreadable:
            return "unreadable";
        case OutcomeKind::no_reply:
            return "no-reply";
        case OutcomeKind::not_shown:
            return "not-shown";
    }
    return {};
}

std::string_view advice(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::done:
        case OutcomeKind::unchanged:
        case OutcomeKind::refused:
            return {};
        case OutcomeKind::static_algorithm:
            return "weights can follow Consul with `balance roundrobin`, `leastconn`, `random` or "
                   "`hash-type consistent`; the instance is served with the weight of its slot's "
                   "line";
        case OutcomeKind::reloaded:
            return "HAProxy was reloaded meanwhile, and the new process is filled next; or the "
                   "backend is "
                   "`disabled` in its configuration";
        case OutcomeKind::no_permission:
            return "the `stats socket` line needs `level admin`";
        case OutcomeKind::vanished:
            return "HAProxy's configuration has changed; it is read again";
        case OutcomeKind::unsupported:
            return "the slot's line must be one that takes an address at run time: `slotd slots` "
                   "prints one";
        case OutcomeKind::unreadable:
            return "slotd does not know this reply; please report it with HAProxy's version";
        case OutcomeKind::no_reply:
        case OutcomeKind::not_shown:
            return "what it did is read back and put right";
    }
    return {};
}

std::vector<std::string_view> split_replies(std::string_view received) {
    std::vector<std::string_view> replies;
    for (auto at = received.find(prompt_mark); at != std::string_view::npos;
         at = received.find(prompt_mark)) {
        replies.push_back(received.substr(0, at));
        received.remove_prefix(at + prompt_mark.size());
    }
    return replies;
}

bool is_of_master(std::string_view received) {
    return received.starts_with("master>");
}

model::Error masters_socket(std::string where) {
    return model::Error(model::ErrorKind::refused, "this is the socket of HAProxy's master process",
                        std::move(where),
                        "slotd needs the socket of a `stats socket` line in haproxy.cfg; the one "
                        "that haproxy's option -S names can't change servers");
}

bool ReplyCounter::operator()(std::string_view received) {
    if (is_of_master(received))
        return true;
    for (auto at = received.find(prompt_mark, at_); at != std::string_view::npos;
         at = received.find(prompt_mark, at_)) {
        ++seen_;
        at_ = at + prompt_mark.size();
    }
    // A mark may be cut in two by the end of what came.
    at_ = std::max(at_, received.size() - std::min(received.size(), prompt_mark.size() - 1));
    return seen_ >= expected_;
}

}  // namespace slotd::haproxy
