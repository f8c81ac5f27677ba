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

bool is_handed_over(const model::Server& server, const BackendSettings& settings) {
    return !settings.slots.empty() && model::matches_glob(server.id.server.text(), settings.slots);
}

model::Result<catalog::Query> query_of_key(const std::string& key, const model::Server& server,
                                           const BackendSettings& settings) {
    catalog::Query query;
    query.key = key;
    query.datacenter = settings.datacenter;
    if (settings.tags.empty() && settings.filter.empty())
        return query;
    return Error(ErrorKind::config,
                 "tags and filter can't choose from the servers of " + in_a_sentence(query),
                 to_string(server.id),
                 "leave them out of [backend." + server.id.backend.text() +
                     "]; where they are of [defaults], write them empty there");
}

Error unknown_list(const model::NamesKv& list, const model::Server& server) {
    const std::string name = model::printable(list.name);
    return Error(ErrorKind::config, "[kv] of the configuration has no " + name,
                 to_string(server.id), "add " + name + " = \"KEY\" there");
}

model::Result<catalog::Query> make_query(const model::Server& server, const model::SlotName& name,
                                         const Settings& all) {
    const BackendSettings& settings = all.of(server.id.backend.text());
    if (!settings.kv.empty())
        return query_of_key(settings.kv, server, settings);
    const auto* list = std::get_if<model::NamesKv>(&name);
    if (list && settings.service.empty()) {
        const auto key = all.kv.find(list->name);
        if (key == all.kv.end())
            return unknown_list(*list, server);
        return query_of_key(key->second, server, settings);
    }
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
    }
    if (query.service.empty())
        query.service = server.id.backend.text();
    std::sort(query.tags.begin(), query.tags.end());
    query.tags.erase(std::unique(query.tags.begin(), query.tags.end()), query.tags.end());
    if (auto checked = catalog::check_service_name(query.service); !checked)
        return checked.error();
    return query;
}

Error in_disabled_backend(const model::Server& server) {
    return Error(ErrorKind::config,
                 "its backend is `disabled` in HAProxy's configuration: HAProxy takes no change to "
                 "its servers",
                 to_string(server.id),
                 "it is followed once `disabled` is taken out and HAProxy reloaded");
}

/// A backend's slots with the same fault are one problem, named by the first.
class Problems {
  public:
    void add(const model::SlotId& slot, const Error& error) {
        const auto [at, fresh] = known_.emplace(std::pair(slot.backend, error.what), all_.size());
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

struct Followed {
    catalog::Query query;
    bool by_host_name;  ///< every slot of the backend that has the same follows the same

    Followed(catalog::Query query_, bool by_host_name_)
        : query(std::move(query_)), by_host_name(by_host_name_) {}
};

// None: the server is no slot.
std::optional<model::Result<Followed>> followed_by(const model::Server& server,
                                                   const Settings& settings) {
    const std::string& backend = server.id.backend.text();
    if (!is_ours(backend, settings))
        return std::nullopt;
    auto name = model::parse_slot_name(server.host_name);
    const bool by_host_name = name.has_value();
    if (!name && is_handed_over(server, settings.of(backend)))
        name.emplace(model::SlotName(model::NamesOwnBackend{}));
    if (!name)
        return std::nullopt;
    if (!*name)
        return name->error();
    auto query = make_query(server, **name, settings);
    if (!query)
        return query.error();
    return Followed(*std::move(query), by_host_name);
}

/// Where a server goes.
struct Place {
    std::optional<std::size_t> group;  ///< none: it is no slot, or can't be followed
    bool by_host_name = false;

    Place() = default;
};

void distribute(std::vector<model::Server> servers, const std::vector<Place>& places,
                std::vector<Group>& groups) {
    std::vector<std::size_t> counts(groups.size());
    for (const Place& place : places)
        if (place.group)
            ++counts[*place.group];
    // A read of one backend, nearly always.
    if (!groups.empty() && counts[0] == servers.size()) {
        groups[0].slots = std::move(servers);
        return;
    }
    for (std::size_t g = 0; g < groups.size(); ++g) groups[g].slots.reserve(counts[g]);
    for (std::size_t s = 0; s < servers.size(); ++s)
        if (places[s].group)
            groups[*places[s].group].slots.push_back(std::move(servers[s]));
}

}  // namespace

const catalog::Query* KnownHosts::find(const model::Server& server) const {
    const auto found = last_.find(server.id.backend);
    const bool known = found != last_.end() && found->second.first == server.host_name;
    return known ? &found->second.second : nullptr;
}

void KnownHosts::add(const model::Server& server, const catalog::Query& query) {
    last_.insert_or_assign(server.id.backend, std::pair(server.host_name, query));
}

Following follow(std::vector<model::Server> servers, const Settings& settings) {
    KnownHosts known;
    return follow(std::move(servers), settings, known);
}

Following follow(std::vector<model::Server> servers, const Settings& settings, KnownHosts& known) {
    Following following;
    Problems problems;
    std::map<GroupKey, std::size_t> numbers;
    const auto group_of = [&](const model::Server& server, const catalog::Query& query) {
        GroupKey key(server.id.backend, query);
        const auto [number, fresh] = numbers.emplace(key, following.groups.size());
        if (fresh)
            following.groups.emplace_back(std::move(key));
        return number->second;
    };
    std::vector<Place> places;
    places.reserve(servers.size());
    for (std::size_t s = 0; s < servers.size(); ++s) {
        const model::Server& server = servers[s];
        if (s > 0 && places.back().by_host_name && server.id.backend == servers[s - 1].id.backend &&
            server.host_name == servers[s - 1].host_name) {
            places.push_back(places.back());
            continue;
        }
        Place& place = places.emplace_back();
        if (server.backend_disabled) {
            if (!followed_by(server, settings))
                continue;
            following.disabled.insert(server.id.backend);
            problems.add(server.id, in_disabled_backend(server));
        } else if (const catalog::Query* query = known.find(server)) {
            place.group = group_of(server, *query);
            place.by_host_name = true;
        } else if (const auto followed = followed_by(server, settings); followed && *followed) {
            place.group = group_of(server, (*followed)->query);
            place.by_host_name = (*followed)->by_host_name;
            if (place.by_host_name)
                known.add(server, (*followed)->query);
        } else if (followed) {
            problems.add(server.id, followed->error());
        }
    }
    distribute(std::move(servers), places, following.groups);
    following.problems = problems.take();
    return following;
}

std::vector<Error> missing_backends(const Following& following, const Settings& settings) {
    std::set<std::string> asked(settings.only.begin(), settings.only.end());
    for (const auto& [name, unused] : settings.backends)
        if (is_ours(name, settings))
            asked.insert(name);
    for (const Group& group : following.groups) asked.erase(group.key.backend.text());
    for (const model::BackendName& backend : following.disabled) asked.erase(backend.text());
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
