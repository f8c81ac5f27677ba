// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/command.hpp"
#include "slotd/sync/survey.hpp"

#include <string>
#include <vector>

namespace slotd::app {

/// What one HAProxy's plans come to.
struct Planned {
    std::string socket;  ///< as the operator wrote it
    sync::Survey survey;

    Planned(std::string socket_, sync::Survey survey_)
        : socket(std::move(socket_)), survey(std::move(survey_)) {}

    /// The steps of all backends, one phase after the other.
    std::vector<model::Step> addresses() const;
    std::vector<model::Step> changes() const;
};

/// "# reason" and the command.
std::string step_text(const model::Step& step);

std::string plan_text(const Planned& planned);
/// The commands alone, one a line.
std::string plan_commands(const Planned& planned);
/// One document for all of them.
std::string plan_json(const std::vector<Planned>& all);

}  // namespace slotd::app
