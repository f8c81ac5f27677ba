// SPDX-License-Identifier: MIT
#include "questions.hpp"
#include "reading.hpp"
#include "slotd/haproxy/inspect.hpp"
#include "slotd/haproxy/reply.hpp"
#include "slotd/model/text.hpp"

#include <utility>

namespace slotd::haproxy {
namespace {

using model::Error;
using model::ErrorKind;

std::string_view first_line(std::string_view text) {
    return take_line(text);
}

// A worker lists the end of the pair of sockets between it and its master (2.6 to 3.0).
bool lists_master(std::string_view text) {
    while (!text.empty())
        if (take_line(text).starts_with("sockpair@"))
            return true;
    return false;
}

}  // namespace

model::Result<Inspection> parse_inspection(std::string_view received) {
    if (is_of_master(received))
        return masters_socket({});
    const std::vector<std::string_view> replies = split_replies(received);
    if (replies.size() < question_count)
        return Error(ErrorKind::unreachable, "the connection was closed before the whole answer",
                     {}, "is this HAProxy's runtime socket? It may also have stopped just then");
    Inspection found;
    auto process = parse_info(replies[info]);
    if (!process)
        return std::move(process).error();
    found.process = *std::move(process);
    found.level = model::printable(first_line(replies[level]), 40);
    found.master_worker = lists_master(replies[sockets]);
    auto servers = parse_servers_state(replies[state]);
    if (!servers)
        return std::move(servers).error();
    found.servers = *std::move(servers);
    auto stats = parse_stat(replies[stat]);
    if (!stats)
        return std::move(stats).error();
    found.stats = *std::move(stats);
    return found;
}

}  // namespace slotd::haproxy
