// SPDX-License-Identifier: MIT
#include "match.hpp"

#include <algorithm>
#include <utility>

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
    std::vector<std::pair<model::AddressPort, std::size_t>> wanted_at;
    wanted_at.reserve(target.wanted.size());
    for (std::size_t w = 0; w < target.wanted.size(); ++w)
        wanted_at.emplace_back(target.wanted[w].at, w);
    std::sort(wanted_at.begin(), wanted_at.end());

    Seating seating;
    seating.slot_of.resize(target.wanted.size());
    seating.wanted_of.resize(slots.size());
    for (std::size_t s = 0; s < slots.size(); ++s) {
        if (!slots[s].server.at)
            continue;
        const auto found = std::lower_bound(wanted_at.begin(), wanted_at.end(),
                                            std::pair(*slots[s].server.at, std::size_t{0}));
        if (found == wanted_at.end() || found->first != *slots[s].server.at)
            continue;
        auto& best = seating.slot_of[found->second];
        if (!best || use(slots[s]) > use(slots[*best]))
            best = s;
    }
    for (std::size_t w = 0; w < seating.slot_of.size(); ++w)
        if (seating.slot_of[w])
            seating.wanted_of[*seating.slot_of[w]] = w;
    return seating;
}

}  // namespace slotd::plan
