// SPDX-License-Identifier: MIT
#include "slotd/plan/plan.hpp"

#include "leave.hpp"
#include "place.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace slotd::plan {
namespace {

using model::Admin;
using model::Command;
using model::Reason;
using model::Step;
using model::Weight;
using model::Why;

class Planner {
  public:
    Planner(const std::vector<Slot>& slots, const Target& target, const Seating& seating,
            const Policy& policy, const History& history, model::Time now, Removals removals)
        : slots_(slots),
          target_(target),
          seating_(seating),
          policy_(policy),
          history_(history),
          now_(now),
          removals_(removals) {}

    Plan make() {
        for (std::size_t s = 0; s < slots_.size(); ++s)
            if (const Wanted* wanted = sitting_on(s); wanted && wanted->role == Role::serve)
                serve(slots_[s], *wanted);
        fill();
        for (std::size_t s = 0; s < slots_.size(); ++s) {
            const Wanted* wanted = sitting_on(s);
            if (!wanted && slots_[s].server.astray) {
                take(rest(slots_[s], out_of_the_way(slots_[s])));
                continue;
            }
            if (serves_on(slots_[s], wanted))
                continue;
            if (!wanted)
                leave(slots_[s]);
            else if (wanted->role == Role::retire)
                take(retire(slots_[s], policy_, history_, now_, out_of_health(*wanted)));
            else if (wanted->role == Role::rest)
                take(rest(slots_[s], out_of_health(*wanted)));
        }
        return std::move(plan_);
    }

  private:
    const Wanted* sitting_on(std::size_t slot) const {
        const auto& wanted = seating_.wanted_of[slot];
        return wanted ? &target_.wanted[*wanted] : nullptr;
    }

    // What a doubted answer takes away stays as it is until the answer is confirmed.
    bool serves_on(const Slot& slot, const Wanted* wanted) const {
        if (slot.server.admin != Admin::ready)
            return false;
        if (!wanted && is_out_of_sight(slot, target_, history_))
            return true;
        return removals_ == Removals::keep_all || (removals_ == Removals::keep_unlisted && !wanted);
    }

    // A static algorithm takes only 0 and what the slot's line says (2.6 and 3.0).
    Weight weight_for(const Slot& slot, Weight wanted) const {
        return history_.static_algorithm && wanted.value() != 0 ? slot.server.line_weight : wanted;
    }

    bool weight_differs(const Slot& slot, Weight wanted) const {
        return slot.server.weight != weight_for(slot, wanted);
    }

    void set_weight(const Slot& slot, Weight wanted, Reason reason) {
        add(Command(slot.server.id, model::SetWeight{weight_for(slot, wanted)}), std::move(reason));
    }

    void add(Command command, Reason reason) {
        plan_.changes.emplace_back(std::move(command), std::move(reason));
    }

    void serve(const Slot& slot, const Wanted& wanted) {
        const std::string label = to_string(wanted.id);
        if (slot.server.admin == Admin::ready) {
            if (weight_differs(slot, wanted.weight) &&
                !(wanted.muted && removals_ == Removals::keep_all))
                set_weight(slot, wanted.weight,
                           Reason(Why::weight, label,
                                  label + " has weight " + std::to_string(wanted.weight.value()) +
                                      ", its slot " + std::to_string(slot.server.weight.value())));
            return;
        }
        Reason reason = back_in_traffic(slot, wanted);
        if (weight_differs(slot, wanted.weight))
            set_weight(slot, wanted.weight, reason);
        if (is_gated(slot, policy_) && slot.check != Check::passed && slot.check != Check::untold)
            gate(slot, wanted);
        else
            add(Command(slot.server.id, model::SetState{Admin::ready}), std::move(reason));
    }

    // Checks run in drain and not in maint, and a slot that was never ready there has no sessions.
    void gate(const Slot& slot, const Wanted& wanted) {
        plan_.gated.push_back(wanted.id);
        plan_.watches_stat = true;
        if (slot.server.admin == Admin::drain)
            return;
        const std::string label = to_string(wanted.id);
        add(Command(slot.server.id, model::SetState{Admin::drain}),
            Reason(Why::gate, label, label + " serves once HAProxy's own check has passed"));
    }

    Reason back_in_traffic(const Slot& slot, const Wanted& wanted) const {
        const std::string label = to_string(wanted.id);
        const History::Seat* seat = seat_of(slot);
        if (!seat || seat->at != wanted.at)
            return Reason(Why::comes_back, label, label + " takes the slot that has its address");
        if (slot.check == Check::untold && is_gated(slot, policy_) && !seat->gone)
            return Reason(Why::gate, label,
                          label +
                              " serves unchecked: with `fall 1` HAProxy does not tell whether "
                              "its check has passed");
        if (slot.check == Check::passed && !seat->gone && seat->role == Role::serve &&
            slot.server.admin == Admin::drain)
            return Reason(Why::gate, label, "HAProxy's own check of " + label + " has passed");
        if (seat->gone)
            return Reason(Why::comes_back, label, label + " is back and takes its old slot");
        if (seat->role != Role::serve)
            return Reason(Why::serves, label, label + " may serve again");
        return Reason(Why::serves, label,
                      label + " is to serve, but its slot was in " +
                          std::string(to_string(slot.server.admin)));
    }

    const History::Seat* seat_of(const Slot& slot) const {
        const auto found = history_.seats.find(slot.server.id.server);
        return found == history_.seats.end() ? nullptr : &found->second;
    }

    void fill() {
        const std::vector<std::size_t> without = without_slot(target_, seating_);
        if (without.empty())
            return;
        const FreeSlots free = free_slots(slots_, seating_, policy_, history_, now_);
        const std::size_t fits = std::min(without.size(), free.fillable.size());
        for (std::size_t i = 0; i < fits; ++i)
            fill(slots_[free.fillable[i]], target_.wanted[without[i]]);
        for (std::size_t i = fits; i < without.size(); ++i)
            plan_.waiting.push_back(target_.wanted[without[i]].id);
        if (plan_.waiting.empty())
            return;
        for (const std::size_t s : free.resting) {
            wake_at(rested_at(slots_[s], policy_, history_, now_));
            plan_.watches_stat = true;
        }
    }

    void fill(const Slot& slot, const Wanted& wanted) {
        const std::string label = to_string(wanted.id);
        const Reason reason(Why::fill, label, label + " takes a free slot");
        plan_.addresses.emplace_back(Command(slot.server.id, model::SetAddress{wanted.at}), reason);
        if (weight_differs(slot, wanted.weight))
            set_weight(slot, wanted.weight, reason);
        if (is_gated(slot, policy_))
            gate(slot, wanted);
        else
            add(Command(slot.server.id, model::SetState{Admin::ready}), reason);
    }

    void leave(const Slot& slot) {
        if (slot.server.admin == Admin::maint)
            return;
        take(retire(slot, policy_, history_, now_, why_leaving(slot)));
    }

    Reason why_leaving(const Slot& slot) const {
        const auto& at = slot.server.at;
        if (!at)
            return Reason(Why::gone, {}, "the slot has no address");
        const History::Seat* seat = seat_of(slot);
        const std::string label = seat && seat->at == *at ? seat->instance : std::string();
        if (target_.find(*at))
            return Reason(Why::duplicate, label, "another slot has " + to_string(*at) + " too");
        if (label.empty())
            return Reason(Why::gone, {}, "Consul lists no instance at " + to_string(*at));
        return Reason(Why::gone, label, label + " is no longer listed by Consul");
    }

    static Reason out_of_the_way(const Slot& slot) {
        return Reason(Why::astray, {},
                      "HAProxy made it ready at " + to_string(*slot.server.at) +
                          ", from a line whose init-addr lacks `last`");
    }

    static Reason out_of_health(const Wanted& wanted) {
        const std::string label = to_string(wanted.id);
        return Reason(Why::health, label, label + " " + wanted.why);
    }

    void take(Leaving leaving) {
        if (leaving.step)
            plan_.changes.push_back(*std::move(leaving.step));
        if (leaving.wake)
            wake_at(*leaving.wake);
        plan_.watches_stat = plan_.watches_stat || leaving.watches_stat;
    }

    void wake_at(model::Time time) { plan_.wake = plan_.wake ? std::min(*plan_.wake, time) : time; }

    const std::vector<Slot>& slots_;
    const Target& target_;
    const Seating& seating_;
    const Policy& policy_;
    const History& history_;
    const model::Time now_;
    const Removals removals_;
    Plan plan_;
};

}  // namespace

std::vector<std::size_t> slots_to_ask(const std::vector<Slot>& slots, const Target& target,
                                      const Seating& seating, const Policy& policy,
                                      const History& history, model::Time now) {
    std::vector<std::size_t> to_ask;
    for (std::size_t s = 0; s < slots.size(); ++s) {
        const auto& wanted = seating.wanted_of[s];
        const bool serves = wanted && target.wanted[*wanted].role == Role::serve;
        if (slots[s].server.admin == Admin::drain && (!serves || policy.gate))
            to_ask.push_back(s);
    }
    const std::size_t missing = without_slot(target, seating).size();
    if (missing > 0) {
        const FreeSlots free = free_slots(slots, seating, policy, history, now);
        if (free.fillable.size() < missing)
            to_ask.insert(to_ask.end(), free.resting.begin(), free.resting.end());
    }
    return to_ask;
}

Plan make_plan(const std::vector<Slot>& slots, const Target& target, const Seating& seating,
               const Policy& policy, const History& history, model::Time now, Removals removals) {
    return Planner(slots, target, seating, policy, history, now, removals).make();
}

}  // namespace slotd::plan
