// SPDX-License-Identifier: MIT
#include "slotd/haproxy/dry_run.hpp"

#include <map>
#include <optional>
#include <utility>
#include <variant>

namespace slotd::haproxy {
namespace {

/// What a server would look like had the steps been sent.
struct Pretended {
    std::optional<model::AddressPort> at;
    std::optional<model::Weight> weight;
    std::optional<model::Admin> admin;
};

class DryRun final : public Runtime {
  public:
    DryRun(std::unique_ptr<Runtime> real, std::function<void(const model::Step&)> print)
        : real_(std::move(real)), print_(std::move(print)) {}

    asio::awaitable<model::Result<model::Process>> process() override { return real_->process(); }

    asio::awaitable<model::Result<std::vector<ServerStat>>> stat(
        std::vector<std::pair<std::uint32_t, std::uint32_t>> servers) override {
        return real_->stat(std::move(servers));
    }

    asio::awaitable<model::Result<StateText>> state_text() override { return real_->state_text(); }

    asio::awaitable<model::Result<model::Live>> read(
        std::vector<model::BackendName> backends) override {
        auto live = co_await real_->read(std::move(backends));
        if (!live)
            co_return live;
        if (live->process.pid != pid_)
            pretended_.clear();
        pid_ = live->process.pid;
        lay_over(live->servers);
        co_return live;
    }

    asio::awaitable<model::Result<std::vector<model::Server>>> servers(
        std::vector<model::BackendName> backends) override {
        auto servers = co_await real_->servers(std::move(backends));
        if (servers)
            lay_over(*servers);
        co_return servers;
    }

    asio::awaitable<std::vector<Outcome>> apply(const std::vector<model::Step>& steps,
                                                std::vector<model::BackendName>) override {
        for (const model::Step& step : steps) {
            print_(step);
            note(step.command);
        }
        co_return std::vector<Outcome>(steps.size(), Outcome(OutcomeKind::done, "not sent"));
    }

    void end_round() override { real_->end_round(); }

  private:
    void lay_over(std::vector<model::Server>& servers) const {
        for (model::Server& server : servers)
            if (const auto found = pretended_.find(server.id); found != pretended_.end())
                lay_over(found->second, server);
    }

    static void lay_over(const Pretended& pretended, model::Server& server) {
        if (pretended.at)
            server.at = pretended.at;
        server.weight = pretended.weight.value_or(server.weight);
        server.admin = pretended.admin.value_or(server.admin);
    }

    void note(const model::Command& command) {
        Pretended& pretended = pretended_[command.slot];
        if (const auto* address = std::get_if<model::SetAddress>(&command.change))
            pretended.at = address->to;
        else if (const auto* weight = std::get_if<model::SetWeight>(&command.change))
            pretended.weight = weight->to;
        else
            pretended.admin = std::get<model::SetState>(command.change).to;
    }

    std::unique_ptr<Runtime> real_;
    std::function<void(const model::Step&)> print_;
    std::map<model::SlotId, Pretended> pretended_;
    std::int64_t pid_ = 0;
};

}  // namespace

std::unique_ptr<Runtime> dry_run(std::unique_ptr<Runtime> real,
                                 std::function<void(const model::Step&)> print) {
    return std::make_unique<DryRun>(std::move(real), std::move(print));
}

}  // namespace slotd::haproxy
