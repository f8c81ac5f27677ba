// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace slotd::model {

/// `[tag.]SERVICE.service[.DATACENTER].slots.invalid`: the slot follows a Consul service. As in
/// Consul's DNS the label before `service` is the service's name, and all that stands before it is
/// one tag (which may hold dots).
struct NamesService {
    std::string service;
    std::string tag;         ///< empty: none
    std::string datacenter;  ///< empty: the agent's own
    bool operator==(const NamesService&) const = default;
};
/// `NAME.kv.slots.invalid`: the slot follows the server list in a KV key.
struct NamesKv {
    std::string name;
    bool operator==(const NamesKv&) const = default;
};
/// `slots.invalid`: the service has the backend's name.
struct NamesOwnBackend {
    bool operator==(const NamesOwnBackend&) const = default;
};
using SlotName = std::variant<NamesService, NamesKv, NamesOwnBackend>;

/// Reads the host name of a server line. None: the host is not under `slots.invalid`, the server is
/// no slot. An error: it is under it but in no form slotd knows. `slots.invalid`, `service` and
/// `kv` may be in any case, a trailing dot is allowed; the other parts keep theirs.
std::optional<Result<SlotName>> parse_slot_name(std::string_view host);

/// The host name for a slot line. An error when a part can't be written in one (empty, over 63
/// characters, or with a character HAProxy does not take in a host name; a dot only in the tag), or
/// the whole is over 253 characters.
Result<std::string> format_slot_name(const NamesService& names);
Result<std::string> format_slot_name(const NamesKv& names);

}  // namespace slotd::model
