// SPDX-License-Identifier: MIT
#include "answers.hpp"

#include "slotd/catalog/sight.hpp"

#include <asio/experimental/awaitable_operators.hpp>

#include <set>
#include <utility>
#include <variant>

namespace slotd::sync {

using namespace asio::experimental::awaitable_operators;

Answers::Answers(catalog::Source& source, std::map<catalog::Query, model::Instances> before)
    : source_(source), before_(std::move(before)) {}

asio::awaitable<bool> Answers::ask_for(const std::vector<Group>& groups) {
    std::set<catalog::Query> queries;
    for (const Group& group : groups)
        if (!answers_.contains(group.key.query))
            queries.insert(group.key.query);
    if (queries.empty())
        co_return false;
    to_ask_.assign(queries.begin(), queries.end());
    co_await (four_lanes() && four_lanes());
    co_return true;
}

asio::awaitable<void> Answers::four_lanes() {
    co_await ((lane() && lane()) && (lane() && lane()));
}

asio::awaitable<void> Answers::lane() {
    while (!to_ask_.empty()) {
        const catalog::Query query = std::move(to_ask_.back());
        to_ask_.pop_back();
        model::Answer answer = co_await ask(query);
        answers_.emplace(query, std::move(answer));
    }
}

asio::awaitable<model::Answer> Answers::ask(const catalog::Query& query) {
    if (unreachable_)
        co_return *unreachable_;
    catalog::Heard heard = co_await source_.ask(query, std::nullopt, {});
    if (const auto* unknown = std::get_if<model::Unknown>(&heard.answer)) {
        if (unknown->doubt == model::Doubt::unreachable)
            unreachable_ = *unknown;
        co_return heard.answer;
    }
    catalog::Sight sight(source_, query);
    const auto before = before_.find(query);
    const model::Instances* known = before == before_.end() ? nullptr : &before->second;
    auto& list = std::get<model::Instances>(heard.answer);
    const auto doubt = co_await sight.why_doubt(list, known);
    if (doubt)
        co_return *doubt;
    co_return heard.answer;
}

const model::Answer& Answers::of(const catalog::Query& query) const {
    return answers_.find(query)->second;
}

}  // namespace slotd::sync
