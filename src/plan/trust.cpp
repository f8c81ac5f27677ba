// SPDX-License-Identifier: MIT
#include "slotd/plan/trust.hpp"

#include <variant>

namespace slotd::plan {

std::optional<model::Unknown> why_hold(const model::Answer& answer, const Policy& policy) {
    if (const auto* unknown = std::get_if<model::Unknown>(&answer))
        return *unknown;
    const auto& instances = std::get<model::Instances>(answer);
    if (!instances.list.empty() || policy.on_empty == OnEmpty::apply)
        return std::nullopt;
    if (!instances.refused.empty())
        return model::Unknown(model::Doubt::empty,
                              "none of Consul's instances can be served; their registrations need "
                              "mending (on_empty = \"apply\" would empty the backend)");
    return model::Unknown(model::Doubt::empty,
                          "Consul lists no instance; on_empty = \"apply\" would empty the backend");
}

}  // namespace slotd::plan
