// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/address.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/server.hpp"
#include "slotd/model/weight.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slotd::model {

struct SetAddress {
    AddressPort to;
    bool operator==(const SetAddress&) const = default;
};
struct SetWeight {
    Weight to;
    bool operator==(const SetWeight&) const = default;
};
struct SetState {
    Admin to;
    bool operator==(const SetState&) const = default;
};

/// One runtime command as a value; haproxy/format.hpp is the one place that makes text of it.
struct Command {
    SlotId slot;
    std::variant<SetAddress, SetWeight, SetState> change;

    Command(SlotId slot_, std::variant<SetAddress, SetWeight, SetState> change_)
        : slot(std::move(slot_)), change(change_) {}
    bool operator==(const Command&) const = default;
};

/// Why slotd sends a command.
enum class Why {
    fill,        ///< an instance takes a free slot
    gate,        ///< it serves only after HAProxy's own check has passed
    comes_back,  ///< an instance takes the slot that still has its address
    serves,      ///< its health allows traffic again, or someone else's change is put right
    weight,      ///< the weight differs
    health,      ///< its health, or maintenance in Consul, takes it out of traffic
    gone,        ///< Consul lists it no longer
    drained,     ///< its last session ended
    drain_over,  ///< its time to drain ran out
    duplicate,   ///< a second slot points to the same address
    astray,      ///< a reload made it ready where its instance is not
};

/// "fill", "comes-back", ...
std::string_view to_string(Why why);

struct Reason {
    Why why;
    std::string instance;  ///< printable label of the instance; empty when nobody knows whose the
                           ///< address was
    std::string text;      ///< printable, one line, for a person

    Reason(Why why_, std::string instance_, std::string text_)
        : why(why_), instance(std::move(instance_)), text(std::move(text_)) {}
    bool operator==(const Reason&) const = default;
};

/// A command with its reason: the element of a plan.
struct Step {
    Command command;
    Reason reason;

    Step(Command command_, Reason reason_)
        : command(std::move(command_)), reason(std::move(reason_)) {}
    bool operator==(const Step&) const = default;
};

}  // namespace slotd::model
