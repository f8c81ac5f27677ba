// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace slotd::model {

/// An IPv4 or IPv6 address as a value; it is never kept as the text it came in.
class Address {
  public:
    /// Strict: dotted quad or RFC 4291 text, no brackets, no scope, no host name, no blanks. None
    /// when it is neither.
    static std::optional<Address> parse(std::string_view text);

    bool is_v6() const { return v6_; }
    /// Network order; an IPv4 address fills the first four bytes, the others are 0.
    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

    bool operator==(const Address&) const = default;
    /// IPv4 first, then by the bytes: the order of a default one, which would call memcmp each time
    /// (a tenth of the time that a plan for a thousand slots takes).
    std::strong_ordering operator<=>(const Address& other) const {
        if (v6_ != other.v6_)
            return v6_ <=> other.v6_;
        const auto upper = number_at(0) <=> other.number_at(0);
        return upper == 0 ? number_at(8) <=> other.number_at(8) : upper;
    }

  private:
    Address() = default;

    std::uint64_t number_at(std::size_t begin) const {
        std::uint64_t number = 0;
        std::memcpy(&number, bytes_.data() + begin, sizeof number);
        return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
    }

    bool v6_ = false;
    std::array<std::uint8_t, 16> bytes_{};
};

/// The canonical text (RFC 5952 for IPv6), without brackets.
std::string to_string(const Address& address);

/// Why no instance can be served at this address (wildcard, multicast, broadcast, IPv4-mapped,
/// link-local IPv6), as the end of a sentence; empty when one can.
std::string_view why_unusable(const Address& address);

/// True for what may be the name of a host: letters, digits, -, _ and dots, and not only digits and
/// dots.
bool is_host_name(std::string_view text);

/// A TCP port, 1 to 65535.
class Port {
  public:
    /// None outside 1 to 65535.
    static std::optional<Port> from(std::int64_t number);

    std::uint16_t value() const { return value_; }
    auto operator<=>(const Port&) const = default;

  private:
    explicit Port(std::uint16_t value) : value_(value) {}

    std::uint16_t value_;
};

/// Where an instance listens, and what a slot points to.
struct AddressPort {
    Address address;
    Port port;

    AddressPort(Address address_, Port port_) : address(address_), port(port_) {}
    auto operator<=>(const AddressPort&) const = default;
};

/// "10.0.0.1:80", "[2001:db8::1]:80".
std::string to_string(const AddressPort& at);

}  // namespace slotd::model
