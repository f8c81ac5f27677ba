// SPDX-License-Identifier: MIT
#include "slotd/model/instance.hpp"

#include "slotd/model/text.hpp"

#include <utility>

namespace slotd::model {

Unknown::Unknown(Doubt doubt_, std::string detail_) : doubt(doubt_), detail(std::move(detail_)) {}

std::string to_string(const InstanceId& id) {
    const std::string name = printable(id.id, 100);
    return id.is_of_key() ? name : name + " on " + printable(id.node, 100);
}

std::string_view to_string(Health health) {
    switch (health) {
        case Health::passing:
            return "passing";
        case Health::warning:
            return "warning";
        case Health::critical:
            return "critical";
    }
    return "";
}

std::string_view to_string(Doubt doubt) {
    switch (doubt) {
        case Doubt::unreachable:
            return "consul-unreachable";
        case Doubt::consul_error:
            return "consul-error";
        case Doubt::unreadable_answer:
            return "unreadable-answer";
        case Doubt::no_leader:
            return "no-leader";
        case Doubt::acl:
            return "acl";
        case Doubt::index_reset:
            return "index-reset";
        case Doubt::empty:
            return "empty";
        case Doubt::large_removal:
            return "large-removal";
    }
    return "";
}

}  // namespace slotd::model
