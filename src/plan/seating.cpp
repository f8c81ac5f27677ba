// SPDX-License-Identifier: MIT
#include "slotd/plan/seating.hpp"

namespace slotd::plan {
namespace {

int use(const Slot& slot) {
    switch (slot.server.admin) {
        case model::Admin::ready:
            return 2;
        case model::Admin::drain:
            return 1;
        case model::Admin::maint:
            return 0;
    }
    return 0;
}

}  // namespace

Seating seat(const std::vector<Slot>& slots, const Target& target) {
    Seating seating;
    seating.slot_of.resize(target.wanted.size());
    seating.wanted_of.resize(slots.size());
    for (std::size_t s = 0; s < slots.size(); ++s) {
        if (!slots[s].server.at)
            continue;
        const auto wanted = target.find(*slots[s].server.at);
        if (!wanted)
            continue;
        auto& best = seating.slot_of[*wanted];
        if (!best || use(slots[s]) > use(slots[*best]))
            best = s;
    }
    for (std::size_t w = 0; w < seating.slot_of.size(); ++w)
        if (seating.slot_of[w])
            seating.wanted_of[*seating.slot_of[w]] = w;
    return seating;
}

}  // namespace slotd::plan
