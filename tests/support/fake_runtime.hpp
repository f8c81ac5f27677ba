// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/haproxy/format.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "support/fake_haproxy.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// A Runtime over a FakeHaproxy, by text: what the real one writes and reads is written and read
/// here too.
class FakeRuntime final : public haproxy::Runtime {
  public:
    explicit FakeRuntime(FakeHaproxy& haproxy) : haproxy_(haproxy) {}

    asio::awaitable<model::Result<model::Process>> process() override {
        co_await turn();
        ++polls;
        if (down)
            co_return refused();
        auto process = haproxy::parse_info(haproxy_.run("show info"));
        if (process && stopping)
            process->stopping = true;
        co_return process;
    }

    asio::awaitable<model::Result<model::Live>> read(
        std::vector<model::BackendName> backends) override {
        co_await turn();
        if (down)
            co_return refused();
        model::Live live;
        auto process = haproxy::parse_info(haproxy_.run("show info"));
        if (!process)
            co_return process.error();
        live.process = *std::move(process);
        auto servers = look(backends);
        if (!servers)
            co_return servers.error();
        live.servers = *std::move(servers);
        co_return live;
    }

    asio::awaitable<model::Result<std::vector<model::Server>>> servers(
        std::vector<model::BackendName> backends) override {
        co_await turn();
        if (down)
            co_return refused();
        co_return look(backends);
    }

    asio::awaitable<model::Result<haproxy::StateText>> state_text() override {
        co_await turn();
        if (down)
            co_return refused();
        haproxy::StateText state;
        auto process = haproxy::parse_info(haproxy_.run("show info"));
        if (!process)
            co_return process.error();
        state.process = *std::move(process);
        state.text = haproxy_.run("show servers state");
        co_return state;
    }

    asio::awaitable<model::Result<std::vector<haproxy::ServerStat>>> stat(
        std::vector<std::pair<std::uint32_t, std::uint32_t>> servers) override {
        co_await turn();
        if (down)
            co_return refused();
        std::vector<haproxy::ServerStat> stats;
        for (const auto& [backend, server] : servers) {
            const std::string line =
                "show stat " + std::to_string(backend) + " 4 " + std::to_string(server);
            asked.push_back(line);
            auto some = haproxy::parse_stat(haproxy_.run(line));
            if (!some)
                co_return some.error();
            for (haproxy::ServerStat& one : *some) stats.push_back(std::move(one));
        }
        co_return stats;
    }

    asio::awaitable<std::vector<haproxy::Outcome>> apply(const std::vector<model::Step>& steps,
                                                         std::vector<model::BackendName>) override {
        co_await turn();
        std::vector<haproxy::Outcome> outcomes;
        for (const model::Step& step : steps) {
            if (before_command)
                before_command();
            const std::string line = haproxy::format(step.command);
            if (down || (cut_after && *cut_after == 0)) {
                outcomes.emplace_back(haproxy::OutcomeKind::no_reply,
                                      "the connection was closed early");
                continue;
            }
            if (cut_after)
                --*cut_after;
            sent.push_back(line);
            outcomes.push_back(haproxy::read_reply(step.command, haproxy_.run(line)));
            if (after_command)
                after_command();
        }
        co_return outcomes;
    }

    void expect(std::vector<model::BackendName> backends) override {
        for (const model::BackendName& backend : backends) expected.push_back(backend.text());
    }

    void get_ready() override { is_ready = true; }

    bool down = false;                     ///< nobody listens
    bool stopping = false;                 ///< who answers process() is on its way out
    std::optional<std::size_t> cut_after;  ///< so many commands still get through
    std::function<void()> before_command;  ///< may be empty
    std::function<void()> after_command;   ///< may be empty; not of one that did not get through
    std::function<void()> after_read;      ///< may be empty
    std::vector<std::string> sent;         ///< by apply()
    std::vector<std::string> asked;        ///< by stat()
    std::vector<std::string> expected;     ///< by expect(), each backend
    bool is_ready = false;                 ///< by get_ready()
    std::size_t polls = 0;
    std::size_t reads = 0;
    std::size_t refusals = 0;  ///< while `down`

  private:
    model::Result<std::vector<model::Server>> look(
        const std::vector<model::BackendName>& backends) {
        std::vector<std::string> lines;
        for (const model::BackendName& backend : backends)
            lines.push_back("show servers state " + backend.text());
        if (backends.empty())
            lines.emplace_back("show servers state");
        std::vector<model::Server> all;
        for (const std::string& line : lines) {
            auto servers = haproxy::parse_servers_state(haproxy_.run(line));
            if (!servers && servers.error().kind == model::ErrorKind::refused)
                continue;
            if (!servers)
                return servers.error();
            for (model::Server& server : *servers) all.push_back(std::move(server));
        }
        ++reads;
        if (after_read)
            after_read();
        return all;
    }

    // A real one never answers at once, so others run meanwhile.
    static asio::awaitable<void> turn() {
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }

    model::Error refused() {
        ++refusals;
        return model::Error(model::ErrorKind::unreachable, "can't connect: Connection refused",
                            "socket /run/haproxy.sock");
    }

    FakeHaproxy& haproxy_;
};

}  // namespace slotd::testing
