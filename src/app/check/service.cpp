// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/sync/remark.hpp"
#include "words.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace slotd::app {
namespace {

using catalog::Readable;
using model::Health;

constexpr const char* rights_hint = "the token needs service:read and node:read";

bool may_serve(const model::Instance& instance) {
    return !instance.maintenance && instance.health != Health::critical;
}

class ServiceExamination {
  public:
    explicit ServiceExamination(const ServiceFacts& facts)
        : facts_(facts), where_(catalog::to_string(facts.query)) {}

    Findings make() {
        if (facts_.readable == Readable::no) {
            add(Level::failure, Code::token_may_not_read, "the token may not read it",
                is_key() ? "the token needs key:read" : rights_hint);
        } else if (const auto* unknown = std::get_if<model::Unknown>(&facts_.answer)) {
            add(Level::failure, Code::no_answer, unknown->detail);
        } else {
            list(std::get<model::Instances>(facts_.answer));
        }
        return std::move(findings_);
    }

  private:
    bool is_key() const { return facts_.query.is_of_key(); }

    void add(Level level, Code code, std::string what, std::string hint = {}) {
        findings_.emplace_back(level, is_key() ? Area::key : Area::service, code, where_,
                               std::move(what), std::move(hint));
    }

    void list(const model::Instances& instances) {
        if (!instances.list.empty())
            entries(instances.list);
        else if (instances.refused.empty())
            nothing();
        if (facts_.every_node == Readable::no && facts_.any_node != false)
            add(Level::warning, Code::token_may_not_read_nodes,
                "the token may not read every node: instances on the others are never shown",
                "give it `node_prefix \"\" { policy = \"read\" }`");
        for (const sync::Remark& remark : sync::remarks_on(instances))
            add(Level::warning, Code::instances_doubtful, remark.text);
    }

    void entries(const std::vector<model::Instance>& list) {
        const auto serving =
            static_cast<std::size_t>(std::count_if(list.begin(), list.end(), may_serve));
        std::string what = count(list.size(), "instance");
        if (serving == 0) {
            if (is_key())
                add(Level::warning, Code::none_may_serve,
                    what + ", and none may serve: all are `disabled`",
                    "take that word out of the lines that shall serve");
            else
                add(Level::warning, Code::none_may_serve,
                    what + ", and none may serve: critical, or in maintenance",
                    "Consul's checks say why");
            return;
        }
        if (serving < list.size())
            what += ", " + std::to_string(serving) + " may serve";
        if (facts_.every_node == Readable::cannot_tell)
            what += "; Consul can't say whether the token may read all of them";
        add(Level::ok, Code::instances_listed, what);
    }

    void nothing() {
        if (is_key())
            add(Level::warning, Code::no_instances, "it lists no server",
                "slotd leaves its slots as they are");
        else if (facts_.any_node == false)
            add(Level::failure, Code::token_may_not_read_nodes,
                "Consul shows no instance to a token that may read no node", rights_hint);
        else if (facts_.unfiltered.value_or(0) > 0)
            add(Level::warning, Code::filter_passes_none,
                "Consul knows " + count(*facts_.unfiltered, "instance") +
                    ", and none has the tags or passes the filter",
                "mend the tag in the slots' host name, or `tags` and `filter`");
        else
            add(Level::warning, Code::no_instances, "Consul knows no instance of it",
                "is the name right, and is an instance registered? slotd leaves its slots as they "
                "are");
    }

    const ServiceFacts& facts_;
    std::string where_;
    Findings findings_;
};

}  // namespace

Findings on_service(const ServiceFacts& facts) {
    return ServiceExamination(facts).make();
}

}  // namespace slotd::app
