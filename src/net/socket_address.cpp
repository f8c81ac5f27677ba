// SPDX-License-Identifier: MIT
#include "slotd/net/socket_address.hpp"

#include "slotd/model/text.hpp"

#include <charconv>
#include <system_error>
#include <utility>

namespace slotd::net {
namespace {

model::Error bad_address(const std::string& printable, std::string what) {
    return model::Error(model::ErrorKind::usage, std::move(what), "socket " + printable,
                        "write a path (/run/haproxy/admin.sock) or tcp://HOST:PORT");
}

}  // namespace

model::Result<SocketAddress> SocketAddress::parse(std::string_view text) {
    SocketAddress made;
    made.text_ = model::printable(text, 300);
    if (text.find('\0') != std::string_view::npos)
        return bad_address(made.text_, "a socket's address holds no NUL");
    if (text.starts_with("unix://"))
        text.remove_prefix(7);
    if (!text.starts_with("tcp://")) {
        if (text.empty() || text.front() != '/')
            return bad_address(made.text_, "this is no absolute path");
        if (text.size() > 107)
            return bad_address(made.text_, "the path of a UNIX socket has at most 107 characters");
        made.host_ = text;
        return made;
    }
    text.remove_prefix(6);
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon == std::string_view::npos || colon == 0)
        return bad_address(made.text_, "a host and a port are needed");
    const std::string_view digits = text.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || port < 1 ||
        port > 65535)
        return bad_address(made.text_, "the port is not between 1 and 65535");
    std::string_view host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return bad_address(made.text_, "an IPv6 address stands in brackets");
    if (host.empty())
        return bad_address(made.text_, "a host and a port are needed");
    made.host_ = host;
    made.port_ = static_cast<std::uint16_t>(port);
    return made;
}

}  // namespace slotd::net
