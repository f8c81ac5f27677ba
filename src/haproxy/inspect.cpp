// SPDX-License-Identifier: MIT
#include "slotd/haproxy/inspect.hpp"

#include "questions.hpp"
#include "slotd/haproxy/reply.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace slotd::haproxy {
namespace {

using model::Error;
using model::ErrorKind;

constexpr std::size_t most_inspected = 256U << 20;

}  // namespace

asio::awaitable<model::Result<Inspection>> inspect(asio::any_io_executor executor,
                                                   net::SocketAddress socket,
                                                   std::chrono::milliseconds deadline) {
    std::string request;
    for (const std::string_view question : questions) request += std::string(question) + "\n";
    request += "quit\n";
    net::Conversation conversation(executor, socket);
    net::IsWhole is_whole = ReplyCounter(question_count);
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
