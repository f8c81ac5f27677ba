// SPDX-License-Identifier: MIT
#include "slotd/haproxy/inspect.hpp"

#include "columns.hpp"
#include "slotd/haproxy/reply.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace slotd::haproxy {
namespace {

using model::Error;
using model::ErrorKind;

constexpr std::size_t most_inspected = 256U << 20;

enum Question { prompt, info, level, sockets, state, stat, question_count };
// Of all proxies (-1) the backends (2) and the servers (4).
constexpr std::array<std::string_view, question_count> questions{
    "prompt",           "show info",          "show cli level",
    "show cli sockets", "show servers state", "show stat -1 6 -1"};

Error is_master(const char* what) {
    return Error(ErrorKind::refused, what, {},
                 "slotd needs the socket of a `stats socket` line in haproxy.cfg; the one that "
                 "haproxy's option -S names can't change servers");
}

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
    // A master's prompt says so.
    if (received.starts_with("master>"))
        return is_master("this is the socket of HAProxy's master process");
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

asio::awaitable<model::Result<Inspection>> inspect(asio::any_io_executor executor,
                                                   net::SocketAddress socket,
                                                   std::chrono::milliseconds deadline) {
    std::string request;
    for (const std::string_view question : questions) request += std::string(question) + "\n";
    request += "quit\n";
    net::Conversation conversation(executor, socket);
    // A master's prompt is no end of a reply, and it does not close by itself.
    net::IsWhole is_whole = [counter =
                                 ReplyCounter(question_count)](std::string_view received) mutable {
        return received.starts_with("master>") || counter(received);
    };
    const net::Exchange exchange = co_await conversation.ask(std::move(request), deadline,
                                                             most_inspected, std::move(is_whole));
    auto found = parse_inspection(exchange.received);
    if (!found && found.error().kind == ErrorKind::unreachable && exchange.broken)
        co_return *exchange.broken;
    if (!found && found.error().where.empty())
        co_return Error(found.error().kind, found.error().what, "socket " + socket.text(),
                        found.error().hint);
    co_return found;
}

}  // namespace slotd::haproxy
