// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/names.hpp"
#include "slotd/model/server.hpp"
#include "slotd/model/time.hpp"
#include "slotd/plan/target.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace slotd::plan {

struct Seating;

/// What HAProxy's own check of a slot has found; with `fall 1` HAProxy does not tell a check that
/// passed from one that has not run (`untold`).
enum class Check { none, passed, failed, untold };

/// A slot as HAProxy shows it, with what `show stat` says where that was asked for.
struct Slot {
    model::Server server;
    std::optional<std::uint64_t> sessions;  ///< in flight and queued; none: not asked
    Check check = Check::none;              ///< none: not yet, or not asked
    bool never_served = false;              ///< in maint for as long as this HAProxy runs

    explicit Slot(model::Server server_) : server(std::move(server_)) {}
};

/// What can't be read from HAProxy. All of it may be lost without harm: a drain then begins anew,
/// and a reason says less.
struct History {
    /// Who sat on a slot when it was last looked at.
    struct Seat {
        model::AddressPort at;
        std::string instance;  ///< printable label
        Role role;
        bool gone = false;  ///< Consul listed it no longer

        Seat(model::AddressPort at_, std::string instance_, Role role_)
            : at(at_), instance(std::move(instance_)), role(role_) {}
    };

    template <typename T>
    using BySlot = std::unordered_map<model::ServerName, T, model::NameHash>;

    /// Since when a slot takes no new traffic. HAProxy 3.x does not tell when a drain began.
    BySlot<model::Time> out_since;
    BySlot<Seat> seats;
    /// Slots that refused an address, or took it without effect, are not filled again before this
    /// time.
    BySlot<model::Time> avoid_until;
    /// HAProxy said that this backend's balance algorithm takes no weights but 0 and those of the
    /// slots' lines.
    bool static_algorithm = false;

    History() = default;
};

/// Notes what `slots` show at `now`; before a plan is made of them.
void observe(History& history, const std::vector<Slot>& slots, model::Time now);

/// Notes who sits where; after a plan was made.
void remember(History& history, const std::vector<Slot>& slots, const Target& target,
              const Seating& seating);

}  // namespace slotd::plan
