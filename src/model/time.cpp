// SPDX-License-Identifier: MIT
#include "slotd/model/time.hpp"

#include <array>
#include <ctime>

namespace slotd::model {

std::string utc_text(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text.data(), size);
}

std::optional<WallTime> parse_utc(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    if (::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr)
        return std::nullopt;
    const WallTime time = std::chrono::system_clock::from_time_t(::timegm(&parts));
    // strptime takes blanks, short numbers and the 31st of February.
    if (utc_text(time) != text)
        return std::nullopt;
    return time;
}

}  // namespace slotd::model
