// SPDX-License-Identifier: MIT
#include "slotd/sync/round.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace slotd::sync {
namespace {

using haproxy::Outcome;
using haproxy::OutcomeKind;
using model::SlotId;
using model::Step;
using std::chrono::milliseconds;

using ServerNumbers = std::pair<std::uint32_t, std::uint32_t>;

std::vector<ServerNumbers> servers_to_ask(const std::vector<Desk>& desks, model::Time now) {
    std::vector<ServerNumbers> numbers;
    for (const Desk& desk : desks)
        for (const std::size_t s : plan::slots_to_ask(desk.slots, *desk.target, desk.seating,
                                                      *desk.policy, *desk.history, now)) {
            const model::Server& server = desk.slots[s].server;
            numbers.emplace_back(server.backend_id, server.server_id);
        }
    return numbers;
}

plan::Check check_of(const haproxy::ServerStat& stat) {
    if (stat.check_fall == 0)
        return plan::Check::none;
    if (stat.check_health == 0)
        return plan::Check::failed;
    if (stat.check_fall == 1)
        return plan::Check::untold;
    return stat.check_health == stat.check_rise + stat.check_fall - 1 ? plan::Check::passed
                                                                      : plan::Check::none;
}

void note_stats(std::vector<Desk>& desks, const std::vector<haproxy::ServerStat>& stats) {
    std::map<std::pair<std::string_view, std::string_view>, const haproxy::ServerStat*> by_name;
    for (const haproxy::ServerStat& stat : stats) by_name[{stat.backend, stat.server}] = &stat;
    for (Desk& desk : desks)
        for (plan::Slot& slot : desk.slots) {
            const SlotId& id = slot.server.id;
            const auto found = by_name.find({id.backend.text(), id.server.text()});
            if (found == by_name.end())
                continue;
            slot.sessions = found->second->sessions + found->second->queued;
            slot.check = check_of(*found->second);
        }
}

using Places = std::unordered_map<SlotId, std::optional<model::AddressPort>, model::SlotHash>;
using Slots = std::unordered_set<SlotId, model::SlotHash>;

Slots slots_in(const std::vector<Step>& steps) {
    Slots slots;
    for (const Step& step : steps) slots.insert(step.command.slot);
    return slots;
}

// Takes those out of `expected` that HAProxy shows.
void drop_shown(Places& expected, const std::vector<model::Server>& servers) {
    for (const model::Server& server : servers)
        if (const auto found = expected.find(server.id);
            found != expected.end() && found->second == server.at)
            expected.erase(found);
}

// Where the slots are that are changed after the addresses without being `filled`. Another process,
// or somebody else's hand, shows in these; a plan that was made for others must not be carried out.
Places others_places(const std::vector<Desk>& desks, const std::vector<Step>& changes,
                     const Slots& filled) {
    Slots others = slots_in(changes);
    std::erase_if(others, [&](const SlotId& slot) { return filled.contains(slot); });
    Places places;
    for (const Desk& desk : desks)
        for (const plan::Slot& slot : desk.slots)
            if (!others.empty() && others.contains(slot.server.id))
                places.emplace(slot.server.id, slot.server.at);
    return places;
}

bool are_at(const Places& places, const std::vector<model::Server>& servers) {
    if (places.empty())
        return true;
    std::size_t there = 0;
    for (const model::Server& server : servers) {
        const auto found = places.find(server.id);
        there += found != places.end() && found->second == server.at ? 1 : 0;
    }
    return there == places.size();
}

void take_to(std::vector<Step>& all, std::vector<Step>& some) {
    if (all.empty())
        all.swap(some);
    else
        all.insert(all.end(), std::move_iterator(some.begin()), std::move_iterator(some.end()));
    some.clear();
}

std::vector<model::BackendName> backends_of(const std::vector<Step>& some,
                                            const std::vector<Step>& others) {
    std::set<model::BackendName> backends;
    for (const auto* steps : {&some, &others})
        for (const Step& step : *steps) backends.insert(step.command.slot.backend);
    return std::vector<model::BackendName>(backends.begin(), backends.end());
}

// HAProxy 2.9 and later put an address in force 0.1 to 4 ms after the reply, so the first looks
// come quickly; the very first may have been begun before the reply. What does not show within a
// second (more for many) is a failure. False when HAProxy can't be read, or does not have the
// others in their `places` any more.
asio::awaitable<bool> wait_until_shown(haproxy::Runtime& runtime, Places& expected,
                                       const Places& places,
                                       std::vector<model::BackendName> backends) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto patience = milliseconds(1000 + expected.size());
    const auto until = std::chrono::steady_clock::now() + patience;
    milliseconds pause(0);
    for (;;) {
        const auto servers = co_await runtime.servers(backends);
        if (!servers || !are_at(places, *servers))
            co_return false;
        drop_shown(expected, *servers);
        if (expected.empty() || std::chrono::steady_clock::now() >= until)
            co_return true;
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
        pause = std::clamp(pause * 2, milliseconds(1), milliseconds(50));
    }
}

// The two times are of clocks of whole seconds that did not start together.
bool never_served(const model::Server& server, const model::Process& process) {
    return server.admin == model::Admin::maint &&
           server.since_change + std::chrono::seconds(1) >= std::chrono::seconds(process.uptime);
}

}  // namespace

std::vector<plan::Slot> slots_of(std::vector<model::Server> servers,
                                 const model::Process& process) {
    std::vector<plan::Slot> slots;
    slots.reserve(servers.size());
    for (model::Server& server : servers) {
        const bool fresh = never_served(server, process);
        slots.emplace_back(std::move(server)).never_served = fresh;
    }
    return slots;
}

asio::awaitable<model::Result<void>> make_plans(haproxy::Runtime& runtime, std::vector<Desk>& desks,
                                                model::Time now) {
    for (Desk& desk : desks) plan::observe(*desk.history, desk.slots, now);
    std::vector<ServerNumbers> numbers = servers_to_ask(desks, now);
    if (!numbers.empty()) {
        const auto stats = co_await runtime.stat(std::move(numbers));
        if (!stats)
            co_return stats.error();
        note_stats(desks, *stats);
    }
    for (Desk& desk : desks) {
        desk.plan = plan::make_plan(desk.slots, *desk.target, desk.seating, *desk.policy,
                                    *desk.history, now, desk.removals);
        plan::remember(*desk.history, desk.slots, *desk.target, desk.seating);
    }
    co_return model::Result<void>();
}

asio::awaitable<std::vector<Done>> carry_out(haproxy::Runtime& runtime, std::vector<Desk>& desks) {
    std::vector<Step> addresses;
    std::vector<Step> changes;
    for (Desk& desk : desks) {
        take_to(addresses, desk.plan.addresses);
        take_to(changes, desk.plan.changes);
    }

    std::vector<Done> done;
    Slots not_filled;
    if (!addresses.empty()) {
        const std::vector<model::BackendName> backends = backends_of(addresses, changes);
        const auto outcomes = co_await runtime.apply(addresses, backends);
        Places expected;
        const Places others = others_places(desks, changes, slots_in(addresses));
        done.reserve(addresses.size() + changes.size());
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            const model::Command& command =
                done.emplace_back(std::move(addresses[i]), outcomes[i]).step.command;
            if (outcomes[i].ok())
                expected.emplace(command.slot, std::get<model::SetAddress>(command.change).to);
            else
                not_filled.insert(command.slot);
        }
        // The connection broke, or HAProxy hangs: there is nothing to wait for.
        if (std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
                return outcome.kind == OutcomeKind::no_reply;
            }))
            co_return done;
        const bool same = co_await wait_until_shown(runtime, expected, others, backends);
        // Nobody waited for those that another process, or none, was to show.
        const OutcomeKind unseen = same ? OutcomeKind::not_shown : OutcomeKind::no_reply;
        for (Done& one : done)
            if (expected.contains(one.step.command.slot))
                one.outcome = Outcome(unseen, "HAProxy does not show the address");
        // What was planned for one process must not reach another, whose slots are other ones.
        if (!same)
            co_return done;
        for (const auto& [slot, at] : expected) not_filled.insert(slot);
    }

    if (!not_filled.empty())
        std::erase_if(changes,
                      [&](const Step& step) { return not_filled.contains(step.command.slot); });
    if (!changes.empty()) {
        const std::vector<model::BackendName> none;
        const auto outcomes = co_await runtime.apply(changes, none);
        for (std::size_t i = 0; i < changes.size(); ++i)
            done.emplace_back(std::move(changes[i]), outcomes[i]);
    }
    co_return done;
}

}  // namespace slotd::sync
