// SPDX-License-Identifier: MIT
// `show stat`.
#include "fuzz.hpp"
#include "slotd/haproxy/state.hpp"

using namespace slotd;

void fuzz(std::string_view input) {
    const auto stats = haproxy::parse_stat(input);
    if (!stats)
        check(is_one_line(to_string(stats.error())), "an error can be logged");
}
