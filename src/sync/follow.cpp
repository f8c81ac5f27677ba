// SPDX-License-Identifier: MIT
#include "slotd/sync/follow.hpp"

#include "slotd/model/slot_name.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace slotd::sync {
namespace {

using model::Error;
using model::ErrorKind;

bool is_ours(const std::string& backend, const Settings& settings) {
    return settings.only.empty() ||
           std::find(settings.only.begin(), settings.only.end(), backend) != settings.only.end();
}

// What the slot's own line says, or an error; none when the server is no slot.
std::optional<model::Result<model::SlotName>> named_by(const model::Server& server,
                                                       const BackendSettings& settings) {
    if (!server.host_name.empty())
        if (auto name = model::parse_slot_name(server.host_name))
            return name;
    if (!settings.slots.empty() && model::matches_glob(server.id.server.text(), settings.slots))
        return model::Result<model::SlotName>(model::SlotName(model::NamesOwnBackend{}));
    return std::nullopt;
}

model::Result<catalog::Query> make_query(const model::Server& server, const model::SlotName& name,
                                         const BackendSettings& settings) {
    catalog::Query query;
    query.service = settings.service;
    query.tags = settings.tags;
    query.filter = settings.filter;
    query.datacenter = settings.datacenter;
    if (const auto* named = std::get_if<model::NamesService>(&name)) {
        if (query.service.empty())
            query.service = named->service;
        if (!named->tag.empty())
            query.tags.push_back(named->tag);
        if (query.datacenter.empty())
            query.datacenter = named->datacenter;
    } else if (std::holds_alternative<model::NamesKv>(name)) {
        return Error(ErrorKind::config,
                     "slots that follow a KV key are not supported by this version", {},
                     "the slot is left as it is");
    }
    if (query.service.empty())
        query.service = server.id.backend.text();
    std::sort(query.tags.begin(), query.tags.end());
    query.tags.erase(std::unique(query.tags.begin(), query.tags.end()), query.tags.end());
    if (auto checked = catalog::check_service_name(query.service); !checked)
        return checked.error();
    return query;
}

/// A backend's slots with the same fault are one problem, named by the first.
class Problems {
  public:
    void add(const model::SlotId& slot, const Error& error) {
        const auto [at, fresh] =
            known_.emplace(std::pair(slot.backend, to_string(error)), all_.size());
        if (fresh)
            all_.emplace_back(slot, error);
        else
            ++all_[at->second].more;
    }

    std::vector<Error> take() const {
        std::vector<Error> errors;
        for (const Problem& one : all_)
            errors.emplace_back(one.error.kind, one.error.what, one.where(), one.error.hint);
        return errors;
    }

  private:
    struct Problem {
        model::SlotId first;
        Error error;
        std::size_t more = 0;

        Problem(model::SlotId first_, Error error_)
            : first(std::move(first_)), error(std::move(error_)) {}

        std::string where() const {
            if (more == 0)
                return to_string(first);
            return to_string(first) + " and " + std::to_string(more) +
                   (more == 1 ? " more slot" : " more slots");
        }
    };

    std::vector<Problem> all_;
    std::map<std::pair<model::BackendName, std::string>, std::size_t> known_;
};

}  // namespace

Following follow(std::vector<model::Server> servers, const Settings& settings) {
    Following following;
    Problems problems;
    std::map<GroupKey, std::size_t> known;
    for (model::Server& server : servers) {
        const std::string& backend = server.id.backend.text();
        if (!is_ours(backend, settings))
            continue;
        const BackendSettings& own = settings.of(backend);
        auto name = named_by(server, own);
        if (!name)
            continue;
        if (!*name) {
            problems.add(server.id, name->error());
            continue;
        }
        auto query = make_query(server, **name, own);
        if (!query) {
            problems.add(server.id, query.error());
            continue;
        }
        GroupKey key(server.id.backend, *std::move(query));
        const auto [group, fresh] = known.emplace(key, following.groups.size());
        if (fresh)
            following.groups.emplace_back(std::move(key));
        following.groups[group->second].slots.push_back(std::move(server));
    }
    following.problems = problems.take();
    return following;
}

std::vector<Error> missing_backends(const Following& following, const Settings& settings) {
    std::set<std::string> asked(settings.only.begin(), settings.only.end());
    for (const auto& [name, unused] : settings.backends)
        if (is_ours(name, settings))
            asked.insert(name);
    for (const Group& group : following.groups) asked.erase(group.key.backend.text());
    std::vector<Error> missing;
    for (const std::string& name : asked)
        missing.emplace_back(
            ErrorKind::config, "HAProxy has no backend of this name with slots", "backend " + name,
            "add slot lines to it (`slotd slots " + name +
                " 10` prints them), or hand over its servers with slots = \"*\" in [backend." +
                name + "]");
    return missing;
}

}  // namespace slotd::sync
