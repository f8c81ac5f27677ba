// SPDX-License-Identifier: MIT
// Consul's answers in, one line for each instance out.
#pragma once

#include "slotd/catalog/answer.hpp"
#include "slotd/model/text.hpp"

#include <string>
#include <variant>

namespace slotd::testing {

inline const std::string node_n1 = R"({"Node":"n1","Address":"10.0.0.9"})";

/// The answer with one entry, on node n1; `service` and `checks` are JSON without their brackets.
inline std::string one_entry(const std::string& service, const std::string& checks = {}) {
    return R"([{"Node":)" + node_n1 + R"(,"Service":{)" + service + R"(},"Checks":[)" + checks +
           "]}]";
}

/// "a on n1 10.0.0.1:80 passing [maintenance] [weight 3/1] [tags t,u] [meta k=v,l=w]".
inline std::string show(const model::Instance& instance) {
    std::string text = to_string(instance.id) + " " + to_string(instance.at) + " " +
                       std::string(to_string(instance.health));
    if (instance.maintenance)
        text += " maintenance";
    if (instance.weight_passing != 1 || instance.weight_warning != 1)
        text += " weight " + std::to_string(instance.weight_passing) + "/" +
                std::to_string(instance.weight_warning);
    std::string separator = " tags ";
    for (const std::string& tag : instance.tags) {
        text += separator + model::printable(tag);
        separator = ",";
    }
    separator = " meta ";
    for (const auto& [key, value] : instance.meta) {
        text += separator + key + "=" + model::printable(value);
        separator = ",";
    }
    return text;
}

/// A line for each instance, each refused one and each with ignored options, or "DOUBT: DETAIL".
inline std::string show(const model::Answer& answer) {
    if (const auto* unknown = std::get_if<model::Unknown>(&answer))
        return std::string(to_string(unknown->doubt)) + ": " + unknown->detail;
    const auto& instances = std::get<model::Instances>(answer);
    std::string text;
    for (const model::Instance& instance : instances.list) text += show(instance) + "\n";
    for (const model::Refused& refused : instances.refused)
        text += "refused " + to_string(refused.id) + ": " + refused.why + "\n";
    for (const model::Ignored& ignored : instances.ignored)
        text += "ignored of " + to_string(ignored.id) + ": \"" + model::printable(ignored.what) +
                "\" (" + ignored.where + ")\n";
    return text;
}

/// As a parser reads it that has read nothing before.
inline std::string read_answer(const std::string& body, const std::string& service = "web") {
    catalog::AnswerParser parser;
    return show(parser.parse(body, service));
}

}  // namespace slotd::testing
