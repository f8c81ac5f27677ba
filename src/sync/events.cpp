// SPDX-License-Identifier: MIT
#include "slotd/sync/events.hpp"

#include <utility>

namespace slotd::sync {

void Events::add(Event event) {
    event.number = ++last_;
    event.time = std::chrono::system_clock::now();
    events_.push_back(std::move(event));
    if (events_.size() > keep_)
        events_.pop_front();
    for (const auto& listener : listeners_) listener();
}

std::vector<Event> Events::since(std::uint64_t after, std::size_t most) const {
    auto first = events_.begin();
    while (first != events_.end() && first->number <= after) ++first;
    if (static_cast<std::size_t>(events_.end() - first) > most)
        first = events_.end() - static_cast<std::ptrdiff_t>(most);
    return std::vector<Event>(first, events_.end());
}

Events::Listener Events::listen(std::function<void()> on_event) {
    listeners_.push_back(std::move(on_event));
    return Listener(*this, std::prev(listeners_.end()));
}

Events::Listener::~Listener() {
    events_.listeners_.erase(at_);
}

}  // namespace slotd::sync
