// SPDX-License-Identifier: MIT
#include "group.hpp"
#include "slotd/model/text.hpp"
#include "slotd/plan/target.hpp"

#include <chrono>
#include <map>

namespace slotd::sync {
namespace {

using Seats = std::map<model::AddressPort, const plan::Wanted*>;

SlotState state_of(const model::Server& server, bool is_wanted) {
    switch (server.admin) {
        case model::Admin::ready:
            return SlotState::ready;
        case model::Admin::drain:
            return SlotState::draining;
        case model::Admin::maint:
            break;
    }
    return is_wanted ? SlotState::out : SlotState::free;
}

// The instances that have a slot's address; a slot whose instance is gone has it still.
Seats seats_of(const std::optional<plan::Target>& target) {
    Seats seats;
    if (target)
        for (const plan::Wanted& wanted : target->wanted) seats.emplace(wanted.at, &wanted);
    return seats;
}

SlotStatus describe(const model::Server& server, const plan::Wanted* wanted,
                    const plan::History& history, model::WallTime seen_at) {
    SlotStatus status;
    status.name = server.id.server.text();
    status.state = state_of(server, wanted != nullptr);
    status.weight = server.weight.value();
    status.since = seen_at - server.since_change;
    if (server.at) {
        status.address = to_string(server.at->address);
        status.port = server.at->port.value();
    }
    if (wanted) {
        status.instance = model::printable(wanted->id.id);
        status.node = model::printable(wanted->id.node);
        return status;
    }
    const auto seat = history.seats.find(server.id.server);
    if (status.state != SlotState::free && seat != history.seats.end() &&
        server.at == seat->second.at)
        status.instance = seat->second.instance;
    return status;
}

}  // namespace

void GroupState::see(std::vector<plan::Slot> slots) {
    standing.see(std::move(slots));
    counted_.reset();
}

// Each slot, with the instance that has its address, or none.
template <typename See>
void GroupState::each_slot(See see) const {
    const Seats seats = seats_of(target);
    for (const plan::Slot& slot : standing.slots) {
        const auto seat = slot.server.at ? seats.find(*slot.server.at) : seats.end();
        see(slot.server, seat == seats.end() ? nullptr : seat->second);
    }
}

const GroupState::Counted& GroupState::counted() const {
    if (counted_)
        return *counted_;
    counted_.emplace();
    each_slot([this](const model::Server& server, const plan::Wanted* wanted) {
        const SlotState state = state_of(server, wanted != nullptr);
        ++counted_->slots[static_cast<std::size_t>(state)];
        if (wanted && state == SlotState::ready)
            ++counted_->serving;
    });
    return *counted_;
}

void GroupState::describe(BackendStatus& status, Detail detail, model::Time now) const {
    status.name = key.backend.text();
    (key.query.is_of_key() ? status.kv : status.service) = catalog::to_string(key.query);
    status.filled = standing.filled;
    if (held_)
        status.held.emplace(
            std::string(to_string(held_->doubt)), held_->detail,
            std::chrono::system_clock::now() -
                std::chrono::duration_cast<model::WallTime::duration>(now - held_->since));
    status.serving = counted().serving;
    if (detail == Detail::counts)
        status.counts = counted().slots;
    else
        each_slot([&](const model::Server& server, const plan::Wanted* wanted) {
            status.slots.push_back(sync::describe(server, wanted, history, standing.seen_at));
        });
    for (const model::InstanceId& id : waiting) status.waiting.push_back(to_string(id));
    status.refused = refused_;
    status.last_change = standing.last_change;
    status.last_success = standing.last_success;
    status.last_error = standing.last_error;
    status.would = standing.would;
}

}  // namespace slotd::sync
