// SPDX-License-Identifier: MIT
#pragma once

#include "../commands/session.hpp"
#include "slotd/app/check/facts.hpp"
#include "slotd/plan/policy.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

namespace slotd::app {

/// What Consul says of the lists that slots follow, each asked for once.
class Services {
  public:
    explicit Services(Session& session) : session_(session) {}

    void add(const catalog::Query& query) { queries_.insert(query); }
    std::size_t size() const { return queries_.size(); }

    void ask();

    const std::vector<ServiceFacts>& facts() const { return facts_; }
    /// How many want a slot; none: not known.
    std::optional<std::size_t> instances(const catalog::Query& query,
                                         const plan::Policy& policy) const;

  private:
    ServiceFacts ask(const catalog::Query& query);
    std::optional<catalog::Readable> may_read(const catalog::Query& query,
                                              std::vector<std::string> nodes);
    void explain_nothing(ServiceFacts& facts);

    Session& session_;
    std::set<catalog::Query> queries_;
    std::vector<ServiceFacts> facts_;
};

}  // namespace slotd::app
