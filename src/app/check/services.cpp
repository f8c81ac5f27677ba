// SPDX-License-Identifier: MIT
#include "services.hpp"

#include "slotd/plan/target.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace slotd::app {

using catalog::Readable;

void Services::ask() {
    for (const catalog::Query& query : queries_) facts_.push_back(ask(query));
}

std::optional<std::size_t> Services::instances(const catalog::Query& query,
                                               const plan::Policy& policy) const {
    const auto found = std::find_if(facts_.begin(), facts_.end(),
                                    [&](const ServiceFacts& one) { return one.query == query; });
    if (found == facts_.end())
        return std::nullopt;
    const auto* known = std::get_if<model::Instances>(&found->answer);
    if (!known)
        return std::nullopt;
    return plan::make_target(*known, policy).wanted.size();
}

ServiceFacts Services::ask(const catalog::Query& query) {
    ServiceFacts facts(query,
                       wait_for(session_.io, session_.source->ask(query, std::nullopt, {})).answer);
    facts.readable = may_read(query, {});
    if (query.is_of_key())
        return facts;
    if (facts.readable == Readable::yes)
        facts.every_node = may_read(query, {std::string()});
    explain_nothing(facts);
    return facts;
}

std::optional<Readable> Services::may_read(const catalog::Query& query,
                                           std::vector<std::string> nodes) {
    const auto readable = wait_for(session_.io, session_.source->may_read(query, std::move(nodes)));
    return readable ? std::optional(*readable) : std::nullopt;
}

void Services::explain_nothing(ServiceFacts& facts) {
    const auto* known = std::get_if<model::Instances>(&facts.answer);
    if (!known || !known->list.empty() || !known->refused.empty())
        return;
    if (facts.every_node == Readable::no)
        if (const auto any = wait_for(session_.io, session_.source->sees_any(facts.query)))
            facts.any_node = *any;
    catalog::Query bare = facts.query;
    bare.tags.clear();
    bare.filter.clear();
    if (bare == facts.query)
        return;
    const model::Answer all =
        wait_for(session_.io, session_.source->ask(bare, std::nullopt, {})).answer;
    if (const auto* others = std::get_if<model::Instances>(&all))
        facts.unfiltered = others->list.size() + others->refused.size();
}

}  // namespace slotd::app
