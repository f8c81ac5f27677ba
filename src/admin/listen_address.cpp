// SPDX-License-Identifier: MIT
#include "slotd/admin/listen_address.hpp"

#include "loopback.hpp"
#include "number.hpp"
#include "slotd/model/text.hpp"

#include <sys/un.h>

namespace slotd::admin {
namespace {

using model::Error;
using model::ErrorKind;

constexpr std::size_t most_path = sizeof(sockaddr_un::sun_path) - 1;

Error wrong(std::string what) {
    return Error(ErrorKind::config, std::move(what), {},
                 "write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH");
}

std::optional<model::Address> parse_host(std::string_view host) {
    if (host == "localhost")
        host = "127.0.0.1";
    const bool in_brackets = host.starts_with('[') && host.ends_with(']');
    if (in_brackets)
        host = host.substr(1, host.size() - 2);
    const auto address = model::Address::parse(host);
    return address && address->is_v6() == in_brackets ? address : std::nullopt;
}

}  // namespace

model::Result<ListenAddress> ListenAddress::parse(std::string_view text) {
    ListenAddress made;
    made.text_ = model::printable(text);
    if (text.starts_with("unix:")) {
        std::string_view path = text.substr(5);
        if (path.starts_with("//"))
            path.remove_prefix(2);
        if (!path.starts_with('/') || path.ends_with('/') ||
            path.find('\0') != std::string_view::npos)
            return wrong("this is no absolute path");
        if (path.size() > most_path)
            return wrong("the path of a UNIX socket has at most " + std::to_string(most_path) +
                         " characters");
        made.path_ = path;
        return made;
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return wrong("an address and a port are needed");
    const auto number = parse_number(text.substr(colon + 1));
    const auto port = number && *number <= 65535
                          ? model::Port::from(static_cast<std::int64_t>(*number))
                          : std::nullopt;
    if (!port)
        return wrong("the port is not between 1 and 65535");
    const auto address = parse_host(text.substr(0, colon));
    if (!address)
        return wrong("this is no address");
    // It has no users, no passwords and no encryption.
    if (!is_loopback(*address))
        return Error(ErrorKind::config, "slotd listens on loopback addresses only", {},
                     "let a server that knows its users, such as HAProxy, stand before it for "
                     "others");
    made.at_.emplace(*address, *port);
    return made;
}

}  // namespace slotd::admin
