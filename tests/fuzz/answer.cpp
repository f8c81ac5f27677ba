// SPDX-License-Identifier: MIT
// The bodies of Consul's health answer, of a KV key, of the one that tells what a token may read,
// and of those about the agent.
#include "slotd/catalog/answer.hpp"

#include "fuzz.hpp"
#include "slotd/catalog/agent.hpp"
#include "slotd/model/text.hpp"

using namespace slotd;

namespace {

void look_at(const model::Answer& answer) {
    if (const auto* unknown = std::get_if<model::Unknown>(&answer)) {
        check(unknown->doubt == model::Doubt::unreadable_answer, "a body is unreadable or a list");
        check(is_one_line(unknown->detail), "the detail can be logged");
    } else {
        const auto& instances = std::get<model::Instances>(answer);
        for (const model::Instance& instance : instances.list) {
            check(model::why_unusable(instance.at.address).empty(), "what is listed can be served");
            check(is_one_line(to_string(instance.id)), "a label can be logged");
        }
        for (const model::Refused& refused : instances.refused)
            check(is_one_line(to_string(refused.id) + refused.why), "a refusal can be logged");
    }
}

}  // namespace

void fuzz(std::string_view input) {
    const std::string body(input);
    static catalog::AnswerParser parser;
    if (const auto value = parser.parse_value(body, "k"); !value)
        check(is_one_line(to_string(value.error())), "the error can be logged");
    const model::Answer answer = parser.parse(body, "web");
    check(parser.parse(body, "web") == answer, "the same bytes are the same answer");
    look_at(answer);
    (void)parser.parse_authorize(input);

    catalog::Agent agent;
    catalog::parse_self(input, agent);
    const auto leader = catalog::parse_leader(input);
    check(is_one_line(agent.version + agent.datacenter + leader.value_or("")),
          "what the agent says of itself can be printed");
}
