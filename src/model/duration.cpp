// SPDX-License-Identifier: MIT
#include "slotd/model/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace slotd::model {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
        {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
    static constexpr std::int64_t year = 366LL * 24 * 3'600'000;
    std::uint32_t count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc())
        return std::nullopt;
    const std::string_view rest = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
    for (const auto& [unit, milliseconds] : units)
        if (rest == unit && count <= year / milliseconds)
            return std::chrono::milliseconds(count * milliseconds);
    return std::nullopt;
}

}  // namespace slotd::model
