// SPDX-License-Identifier: MIT
#include "slotd/haproxy/runtime.hpp"

#include "slotd/haproxy/format.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

// `prompt`, one command a line, all pipelined: the one framing in which every version answers each
// line with exactly one prompt.

namespace slotd::haproxy {
namespace {

using model::Error;
using model::ErrorKind;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_received = 256U << 20;
// From so many servers of a backend on, all of its lines are cheaper than each by itself.
constexpr std::size_t one_by_one = 3;
// What HAProxy said longer ago is asked again.
constexpr milliseconds most_expected(20);
// More are not carried out by the time that HAProxy looks at the next connection: what is read then
// is begun behind their replies.
constexpr std::size_t few_commands = 8;

class SocketRuntime final : public Runtime {
  public:
    SocketRuntime(asio::any_io_executor executor, net::SocketAddress socket, milliseconds deadline)
        : executor_(std::move(executor)), socket_(std::move(socket)), deadline_(deadline) {}

    asio::awaitable<model::Result<model::Process>> process() override {
        std::vector<std::string> lines(1, "show info");
        const Replies replies = co_await ask(std::move(lines), On::fresh_connection, Then::quit);
        if (auto broken = replies.incomplete(1, socket_))
            co_return *std::move(broken);
        co_return parse_info(replies.texts[0]);
    }

    asio::awaitable<model::Result<model::Live>> read(
        std::vector<model::BackendName> backends) override {
        std::vector<std::string> lines = servers_lines(backends);
        lines.insert(lines.begin(), "show info");
        const std::size_t count = lines.size();
        const Replies replies = co_await ask(std::move(lines), On::fresh_connection, Then::keep);
        if (auto broken = replies.incomplete(count, socket_))
            co_return *std::move(broken);

        model::Live live;
        auto process = parse_info(replies.texts[0]);
        if (!process)
            co_return process.error();
        live.process = *std::move(process);
        auto servers = parse_servers(std::span(replies.texts).subspan(1, count - 1), backends);
        if (!servers)
            co_return servers.error();
        live.servers = *std::move(servers);
        co_return live;
    }

    asio::awaitable<model::Result<std::vector<model::Server>>> servers(
        std::vector<model::BackendName> backends) override {
        std::vector<std::string> lines = servers_lines(backends);
        const std::size_t count = lines.size();
        const Replies replies = co_await ask(std::move(lines), On::fresh_connection, Then::keep);
        if (auto broken = replies.incomplete(count, socket_))
            co_return *std::move(broken);
        co_return parse_servers(std::span(replies.texts).first(count), backends);
    }

    void expect(std::vector<model::BackendName> backends) override {
        if (!spare_)
            get_ready();
        expected_.emplace(servers_lines(backends), std::exchange(spare_, nullptr));
        if (!expected_->conversation->begin(request_of(expected_->lines, Then::keep)))
            expected_.reset();
    }

    void get_ready() override {
        if (spare_)
            return;
        spare_ = std::make_unique<net::Conversation>(executor_, socket_);
        spare_->get_ready();
    }

    asio::awaitable<model::Result<StateText>> state_text() override {
        std::vector<std::string> lines(1, "show info");
        lines.emplace_back("show servers state");
        const Replies replies = co_await ask(std::move(lines), On::fresh_connection, Then::quit);
        if (auto broken = replies.incomplete(2, socket_))
            co_return *std::move(broken);
        auto process = parse_info(replies.texts[0]);
        if (!process)
            co_return process.error();
        StateText state;
        state.process = *std::move(process);
        state.text = std::string(replies.texts[1]) + "\n";
        co_return state;
    }

    asio::awaitable<model::Result<std::vector<ServerStat>>> stat(
        std::vector<std::pair<std::uint32_t, std::uint32_t>> servers) override {
        std::vector<std::string> lines = stat_lines(servers);
        const std::size_t count = lines.size();
        const Replies replies = co_await ask(std::move(lines), On::kept_connection, Then::keep);
        if (auto broken = replies.incomplete(count, socket_))
            co_return *std::move(broken);
        std::vector<ServerStat> stats;
        for (const std::string_view text : replies.texts) {
            if (text.starts_with("No such proxy"))
                continue;
            auto some = parse_stat(text);
            if (!some)
                co_return some.error();
            std::move(some->begin(), some->end(), std::back_inserter(stats));
        }
        co_return stats;
    }

    asio::awaitable<std::vector<Outcome>> apply(
        const std::vector<model::Step>& steps, std::vector<model::BackendName> then_read) override {
        std::vector<std::string> lines;
        lines.reserve(steps.size());
        for (const model::Step& step : steps) lines.push_back(format(step.command));
        const Replies replies =
            co_await ask(std::move(lines), On::kept_connection, Then::quit, std::move(then_read));
        std::vector<Outcome> outcomes;
        outcomes.reserve(steps.size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (i < replies.texts.size())
                outcomes.push_back(read_reply(steps[i].command, replies.texts[i]));
            else
                outcomes.emplace_back(OutcomeKind::no_reply,
                                      replies.broken ? to_string(*replies.broken)
                                                     : "the connection was closed early");
        }
        co_return outcomes;
    }

    void end_round() override { kept_.reset(); }

  private:
    enum class On { fresh_connection, kept_connection };
    enum class Then { keep, quit };

    struct Replies {
        std::unique_ptr<const std::string> received;  ///< stays where it is when this is moved
        std::vector<std::string_view> texts;          ///< into `received`, without that of `prompt`
        std::optional<Error> broken;

        Replies(net::Exchange exchange, bool begins_with_prompt)
            : received(std::make_unique<const std::string>(std::move(exchange.received))),
              texts(split_replies(*received)),
              broken(std::move(exchange.broken)) {
            if (begins_with_prompt && !texts.empty())
                texts.erase(texts.begin());
        }

        std::optional<Error> incomplete(std::size_t expected,
                                        const net::SocketAddress& socket) const {
            if (texts.size() >= expected)
                return std::nullopt;
            if (is_of_master(*received))
                return masters_socket("socket " + socket.text());
            if (broken)
                return broken;
            return Error(ErrorKind::unreachable,
                         "the connection was closed before the whole answer",
                         "socket " + socket.text(), "HAProxy may have stopped just then");
        }
    };

    /// What was sent before it was asked for.
    struct Expected {
        std::vector<std::string> lines;
        std::unique_ptr<net::Conversation> conversation;
        Clock::time_point begun = Clock::now();

        Expected(std::vector<std::string> lines_, std::unique_ptr<net::Conversation> conversation_)
            : lines(std::move(lines_)), conversation(std::move(conversation_)) {}
    };

    // All when none is named.
    static std::vector<std::string> servers_lines(const std::vector<model::BackendName>& backends) {
        std::vector<std::string> lines;
        if (backends.empty())
            lines.emplace_back("show servers state");
        for (const model::BackendName& backend : backends)
            lines.push_back("show servers state " + backend.text());
        return lines;
    }

    static model::Result<std::vector<model::Server>> parse_servers(
        std::span<const std::string_view> texts, const std::vector<model::BackendName>& backends) {
        std::vector<model::Server> all;
        for (const std::string_view text : texts) {
            auto servers = parse_servers_state(text);
            if (!servers && servers.error().kind == ErrorKind::refused && !backends.empty() &&
                servers.error().hint.empty())
                continue;  // the backend vanished
            if (!servers)
                return servers.error();
            if (all.empty())
                all = *std::move(servers);
            else
                std::move(servers->begin(), servers->end(), std::back_inserter(all));
        }
        return all;
    }

    // Of a connection's first question.
    static std::string request_of(const std::vector<std::string>& lines, Then then) {
        std::string request = "prompt\n";
        append(request, lines, then);
        return request;
    }

    static void append(std::string& request, const std::vector<std::string>& lines, Then then) {
        std::size_t length = request.size() + 8;
        for (const std::string& line : lines) length += line.size() + 1;
        request.reserve(length);
        for (const std::string& line : lines) {
            request += line;
            request += '\n';
        }
        if (then == Then::quit)
            request += "quit\n";
    }

    static std::vector<std::string> stat_lines(
        const std::vector<std::pair<std::uint32_t, std::uint32_t>>& servers) {
        std::map<std::uint32_t, std::vector<std::uint32_t>> by_backend;
        for (const auto& [backend, server] : servers) by_backend[backend].push_back(server);
        std::vector<std::string> lines;
        for (const auto& [backend, numbers] : by_backend) {
            const std::string begin = "show stat " + std::to_string(backend) + " 4 ";
            if (numbers.size() > one_by_one)
                lines.push_back(begin + "-1");
            else
                for (const std::uint32_t server : numbers)
                    lines.push_back(begin + std::to_string(server));
        }
        return lines;
    }

    // What `then_read` names is asked for on a connection of its own as soon as it may be.
    asio::awaitable<Replies> ask(std::vector<std::string> lines, On on, Then then,
                                 std::vector<model::BackendName> then_read = {}) {
        std::string request;
        std::optional<Expected> expected = std::exchange(expected_, std::nullopt);
        const bool is_first = on == On::fresh_connection || !kept_;  // on its connection
        if (is_first) {
            if (expected && expected->lines == lines &&
                Clock::now() - expected->begun < most_expected) {
                kept_ = std::move(expected->conversation);
            } else {
                kept_ = std::make_unique<net::Conversation>(executor_, socket_);
                request = request_of(lines, then);
            }
        } else {
            append(request, lines, then);
        }
        if (!then_read.empty() && lines.size() <= few_commands && kept_->begin(request)) {
            request.clear();
            expect(std::exchange(then_read, {}));
        }
        // The slowest commands seen are those that rebuild a static balance algorithm's map: 60 a
        // second.
        const milliseconds deadline = deadline_ + milliseconds(20) * lines.size();
        net::IsWhole is_whole = ReplyCounter(lines.size() + (is_first ? 1 : 0));
        net::Exchange exchange =
            co_await kept_->ask(std::move(request), deadline, most_received, std::move(is_whole));
        if (!then_read.empty() && !exchange.broken)
            expect(std::move(then_read));
        Replies replies(std::move(exchange), is_first);
        if (then == Then::quit || replies.texts.size() < lines.size())
            kept_.reset();
        co_return replies;
    }

    asio::any_io_executor executor_;
    /// Of the last read, for what follows in the same round.
    std::unique_ptr<net::Conversation> kept_;
    std::optional<Expected> expected_;
    std::unique_ptr<net::Conversation> spare_;  ///< for what is expected next
    net::SocketAddress socket_;
    milliseconds deadline_;
};

}  // namespace

std::unique_ptr<Runtime> socket_runtime(asio::any_io_executor executor, net::SocketAddress socket,
                                        milliseconds deadline) {
    return std::make_unique<SocketRuntime>(std::move(executor), std::move(socket), deadline);
}

}  // namespace slotd::haproxy
