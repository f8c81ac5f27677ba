// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace slotd::sync {

/// How often something took how long.
class Histogram {
  public:
    /// Upper bounds in seconds; what is longer is counted in the total only.
    static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                   0.1,    0.25,  0.5,    1,     2.5,  5,     10};

    void observe(double seconds);

    /// How many took at most `bounds[i]` (each includes those before).
    std::uint64_t at_most(std::size_t i) const { return at_most_[i]; }
    std::uint64_t count() const { return count_; }
    double sum() const { return sum_; }

  private:
    std::array<std::uint64_t, bounds.size()> at_most_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
};

struct CommandKey {
    std::string socket;
    std::string backend;
    std::string kind;     ///< "addr", "weight", "state"
    std::string outcome;  ///< "done", "unchanged", "refused", ...

    CommandKey(std::string socket_, std::string backend_, std::string kind_, std::string outcome_)
        : socket(std::move(socket_)),
          backend(std::move(backend_)),
          kind(std::move(kind_)),
          outcome(std::move(outcome_)) {}
    auto operator<=>(const CommandKey&) const = default;
};

/// What slotd has counted since it started; what can be read from the status is not in here.
struct Metrics {
    std::map<CommandKey, std::uint64_t> commands;
    /// By socket and outcome: "ok", "incomplete" (something differed from the plan), "failed" (no
    /// HAProxy).
    std::map<std::pair<std::string, std::string>, std::uint64_t> rounds;
    Histogram round_duration;
    Histogram propagation;  ///< from Consul's answer to the read-back that shows it
    /// By outcome: "ok", or the reason for a hold.
    std::map<std::string, std::uint64_t> consul_requests;
    std::map<std::string, std::uint64_t> reloads;  ///< by socket; restarts too

    Metrics() = default;
};

}  // namespace slotd::sync
