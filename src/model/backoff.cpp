// SPDX-License-Identifier: MIT
#include "slotd/model/backoff.hpp"

#include <algorithm>

namespace slotd::model {

Backoff::Milliseconds Backoff::next() {
    const unsigned doublings = std::min(tries_++, 20U);
    const auto range = std::min(Milliseconds(first_ * (1LL << doublings)), most_);
    const auto least = first_ / 2;
    const double spread = static_cast<double>((range - least).count()) * random_();
    return least + Milliseconds(static_cast<long long>(spread));
}

}  // namespace slotd::model
