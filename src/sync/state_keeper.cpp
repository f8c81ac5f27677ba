// SPDX-License-Identifier: MIT
#include "state_keeper.hpp"

#include "slotd/haproxy/state.hpp"
#include "slotd/sync/file.hpp"

#include <functional>
#include <map>
#include <utility>

namespace slotd::sync {
namespace {

// Of what a change shows in; the times in the file are not news.
std::size_t hash_of(const std::vector<model::Server>& servers) {
    std::string text;
    for (const model::Server& server : servers) {
        text += to_string(server.id);
        text += server.at ? to_string(*server.at) : "-";
        text += to_string(server.admin);
        text += std::to_string(server.weight.value());
    }
    return std::hash<std::string>()(text);
}

void add_without_host_name(std::set<model::SlotId>& to, const std::vector<model::Server>& servers) {
    for (const model::Server& server : servers)
        if (server.host_name.empty())
            to.insert(server.id);
}

}  // namespace

void StateKeeper::meet(const std::vector<model::Server>& servers, Report& report) {
    if (!path_.empty())
        strays_.find(servers, path_, report);
}

void StateKeeper::look(const std::vector<model::Server>& servers, const Following& following,
                       Report& report) {
    strays_.forget_sent();
    if (path_.empty())
        return;
    stale_ = stale_ || hash_of(servers) != written_;
    std::set<model::SlotId> dangerous;
    for (const Group& group : following.groups) add_without_host_name(dangerous, group.slots);
    if (dangerous == dangerous_)
        return;
    stale_ = true;
    std::map<std::string, std::size_t> counts;
    for (const model::SlotId& slot : dangerous) ++counts[slot.backend.text()];
    for (const auto& [backend, count] : counts)
        report.line(LogLevel::warn, backend,
                    backend + ": " + std::to_string(count) +
                        " slots have an address on their line, which HAProxy would not replace "
                        "from the state file: they are left out of it, and empty after a reload "
                        "until slotd fills them (`slotd slots` prints a line that is restored)");
    dangerous_ = std::move(dangerous);
}

asio::awaitable<void> StateKeeper::keep(haproxy::Runtime& runtime, std::int64_t pid,
                                        Report& report) {
    if (path_.empty() || !stale_)
        co_return;
    const std::string path = path_;
    const auto state = co_await runtime.state_text();
    // The settings may name another one meanwhile, or none: that is for the next call.
    if (path_ != path)
        co_return;
    if (!state) {
        say(report, state.error());
        co_return;
    }
    if (state->process.pid != pid)
        co_return;
    // Never written unread: a refusal or half a table would be what the next reload starts with.
    const auto servers = haproxy::parse_servers_state(state->text);
    if (!servers) {
        say(report, servers.error());
        co_return;
    }
    // Of a line that holds an address, slot or not, HAProxy would restore an old port over an
    // edited haproxy.cfg.
    std::set<model::SlotId> left_out;
    add_without_host_name(left_out, *servers);
    for (const model::Server& server : *servers)
        if (strays_.is_unsafe(server))
            left_out.insert(server.id);
    const auto replaced = replace_file(path_, haproxy::without_servers(state->text, left_out));
    if (!replaced) {
        say(report, replaced.error());
        co_return;
    }
    written_ = hash_of(*servers);
    stale_ = false;
    if (!said_.empty())
        report.line(LogLevel::info, {}, "the server-state file " + path_ + " is kept again");
    said_.clear();
}

void StateKeeper::say(Report& report, const model::Error& error) {
    std::string text = to_string(error);
    if (text != said_)
        report.line(LogLevel::error, {},
                    "the server-state file is not up to date, a reload would start with old "
                    "slots: " +
                        text);
    said_ = std::move(text);
}

}  // namespace slotd::sync
