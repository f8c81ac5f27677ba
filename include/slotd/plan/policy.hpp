// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/weight.hpp"

#include <chrono>
#include <optional>

namespace slotd::plan {

enum class OnWarning { serve, drain, maint };
enum class OnCritical { maint, drain };
enum class OnEmpty { hold, apply };

/// How one backend wants its instances treated: the keys of [backend.NAME] that concern the plan.
struct Policy {
    OnWarning on_warning = OnWarning::serve;
    OnCritical on_critical = OnCritical::maint;
    OnEmpty on_empty = OnEmpty::hold;
    std::chrono::milliseconds drain{30'000};    ///< 0: a leaving instance goes to maint at once
    std::optional<model::Weight> weight;        ///< none: as Consul says
    std::chrono::milliseconds settle{0};        ///< quiet to wait for before acting on a burst
    unsigned large_removal = 50;                ///< percent: an answer that takes away more ...
    std::chrono::milliseconds confirm{10'000};  ///< ... is acted on when still true after this
    bool gate = false;  ///< an instance serves only after HAProxy's own check has passed

    Policy() = default;
    bool operator==(const Policy&) const = default;
};

}  // namespace slotd::plan
