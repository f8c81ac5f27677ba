// SPDX-License-Identifier: MIT
#include "slotd/plan/history.hpp"

#include "slotd/plan/seating.hpp"

namespace slotd::plan {

void observe(History& history, const std::vector<Slot>& slots, model::Time now) {
    for (const Slot& slot : slots) {
        const model::ServerName& name = slot.server.id.server;
        switch (slot.server.admin) {
            case model::Admin::ready:
                history.out_since.erase(name);
                break;
            case model::Admin::drain:
                history.out_since.try_emplace(name, now);
                break;
            case model::Admin::maint:
                // Every HAProxy counts from the moment maint came. A slot that never served has
                // nothing to rest from.
                history.out_since.try_emplace(
                    name, slot.never_served ? model::Time() : now - slot.server.since_change);
                break;
        }
    }
    std::erase_if(history.avoid_until, [&](const auto& entry) { return entry.second <= now; });
}

void remember(History& history, const std::vector<Slot>& slots, const Target& target,
              const Seating& seating) {
    for (std::size_t s = 0; s < slots.size(); ++s) {
        if (!seating.wanted_of[s]) {
            const auto left = history.seats.find(slots[s].server.id.server);
            if (left != history.seats.end())
                left->second.gone = true;
            continue;
        }
        const Wanted& wanted = target.wanted[*seating.wanted_of[s]];
        history.seats.insert_or_assign(
            slots[s].server.id.server,
            History::Seat(wanted.at, model::to_string(wanted.id), wanted.role));
    }
}

}  // namespace slotd::plan
