// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace slotd::model {

/// True when HAProxy would accept `text` as the name of a backend or a server: letters, digits and
/// -_.: only, not empty. Nothing else ever reaches the socket, so that no name can end a command or
/// begin another.
bool is_haproxy_name(std::string_view text);

/// A name that holds to is_haproxy_name(); exact in case, as HAProxy's are.
template <typename Tag>
class Name {
  public:
    static std::optional<Name> parse(std::string_view text) {
        if (!is_haproxy_name(text))
            return std::nullopt;
        return Name(std::string(text));
    }

    const std::string& text() const { return text_; }
    auto operator<=>(const Name&) const = default;

  private:
    explicit Name(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

using BackendName = Name<struct BackendTag>;
using ServerName = Name<struct ServerTag>;

/// A server of a backend, as commands name it.
struct SlotId {
    BackendName backend;
    ServerName server;

    SlotId(BackendName backend_, ServerName server_)
        : backend(std::move(backend_)), server(std::move(server_)) {}
    auto operator<=>(const SlotId&) const = default;
};

struct NameHash {
    template <typename Tag>
    std::size_t operator()(const Name<Tag>& name) const {
        return std::hash<std::string>()(name.text());
    }
};

struct SlotHash {
    std::size_t operator()(const SlotId& slot) const {
        const NameHash hash;
        return hash(slot.server) * 31 + hash(slot.backend);
    }
};

/// "web/s1".
std::string to_string(const SlotId& slot);

}  // namespace slotd::model
