// SPDX-License-Identifier: MIT
#include "slotd/model/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>

namespace slotd::model {

std::optional<Address> Address::parse(std::string_view text) {
    // inet_pton wants a terminated string and stops at a NUL inside: such a text is no address.
    std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
    if (text.empty() || text.size() >= buffer.size() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::copy(text.begin(), text.end(), buffer.begin());

    Address address;
    if (inet_pton(AF_INET, buffer.data(), address.bytes_.data()) == 1)
        return address;
    address.v6_ = true;
    if (inet_pton(AF_INET6, buffer.data(), address.bytes_.data()) == 1)
        return address;
    return std::nullopt;
}

std::string to_string(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN + 1> buffer{};
    if (address.is_v6())
        return inet_ntop(AF_INET6, address.bytes().data(), buffer.data(), buffer.size());
    // A fourth of inet_ntop's time, which goes by way of sprintf.
    char* end = buffer.data();
    for (std::size_t i = 0; i < 4; ++i) {
        if (i > 0)
            *end++ = '.';
        // Room for the dot, so that g++ 12 sees it.
        end = std::to_chars(end, buffer.data() + buffer.size() - 1, address.bytes()[i]).ptr;
    }
    return std::string(buffer.data(), end);
}

std::string_view why_unusable(const Address& address) {
    const auto& b = address.bytes();
    if (std::all_of(b.begin(), b.end(), [](std::uint8_t byte) { return byte == 0; }))
        return "is the wildcard address";
    if (!address.is_v6()) {
        if (b[0] == 0)
            return "is in 0.0.0.0/8, which names no host";
        if (b[0] >= 224 && b[0] < 240)
            return "is a multicast address";
        if (b[0] >= 240)
            return "is a reserved or broadcast address";
        return {};
    }
    if (b[0] == 0xff)
        return "is a multicast address";
    if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80)
        return "is a link-local address, which means nothing without an interface";
    if (std::all_of(b.begin(), b.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
        b[10] == 0xff && b[11] == 0xff)
        return "is an IPv4-mapped address: register the IPv4 address itself";
    return {};
}

bool is_host_name(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return std::all_of(text.begin(), text.end(),
                       [&](char c) {
                           return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_';
                       }) &&
           !std::all_of(text.begin(), text.end(), [&](char c) { return is_digit(c) || c == '.'; });
}

std::optional<Port> Port::from(std::int64_t number) {
    if (number < 1 || number > 65535)
        return std::nullopt;
    return Port(static_cast<std::uint16_t>(number));
}

std::string to_string(const AddressPort& at) {
    const std::string port = std::to_string(at.port.value());
    if (at.address.is_v6())
        return "[" + to_string(at.address) + "]:" + port;
    return to_string(at.address) + ":" + port;
}

}  // namespace slotd::model
