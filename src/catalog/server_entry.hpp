// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/error.hpp"
#include "slotd/model/instance.hpp"
#include "slotd/model/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace slotd::catalog {

/// A server of a list as it is written, in either form.
struct ServerEntry {
    std::string name;
    std::string address;  ///< without brackets
    std::int64_t port = 0;
    std::int64_t weight = 1;
    bool disabled = false;
    std::string ignored;  ///< what a slot can't take at run time: "inter 2s backup"

    ServerEntry() = default;
};

/// What a part of a list is that makes no sense; only `what` is set.
model::Error senseless(std::string why);
/// An IPv6 address may be written as "[::1]".
std::string_view without_brackets(std::string_view address);
/// Somebody's words within an error, made safe for it.
std::string in_quotes(std::string_view text);

/// Gathers the servers of one list.
class ServerEntries {
  public:
    /// An error (only `what` is set) when the server makes no sense. `where` is for the messages:
    /// "line 3".
    model::Result<void> add(ServerEntry entry, const std::string& where);

    model::Instances take() { return std::move(instances_); }

  private:
    model::Instances instances_;
    std::map<std::string, std::string> where_of_;  ///< by name
};

}  // namespace slotd::catalog
