// SPDX-License-Identifier: MIT
#include "site.hpp"

#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <algorithm>
#include <map>

namespace slotd::app {
namespace {

ConfigFacts read_config_files(const std::vector<std::string>& paths, const std::string& folder) {
    ConfigFacts config;
    config.paths = paths;
    std::vector<std::pair<std::string, std::string>> texts;
    for (const std::string& path : paths) {
        const auto files = config_files(path, folder);
        if (!files) {
            config.trouble = files.error();
            return config;
        }
        for (const std::string& file : *files) {
            auto text = sync::read_file(file);
            if (!text) {
                config.trouble = model::Error(model::ErrorKind::config, text.error().what,
                                              model::printable(file, 300));
                return config;
            }
            texts.emplace_back(file, *std::move(text));
        }
    }
    if (!texts.empty())
        config.file = haproxy::parse_config_files(texts);
    return config;
}

/// The algorithm and the cookies; false where the socket's level is too low to tell.
bool take_from_stats(BackendFacts& facts, const std::vector<haproxy::ServerStat>& stats) {
    const std::string& name = facts.where;
    const auto backend =
        std::find_if(stats.begin(), stats.end(), [&](const haproxy::ServerStat& one) {
            return one.backend == name && one.server == "BACKEND";
        });
    if (backend == stats.end() || backend->algorithm.empty())
        return false;
    facts.algorithm = backend->algorithm;
    if (backend->cookie.empty())
        return true;
    for (const haproxy::ServerStat& one : stats)
        if (one.backend == name && one.server != "BACKEND" && !one.cookie.empty())
            facts.cookies.emplace(one.server, one.cookie);
    return true;
}

/// The same of haproxy.cfg.
void take_from_section(BackendFacts& facts) {
    facts.algorithm = facts.section->balance;
    if (facts.section->cookie.empty())
        return;
    for (const model::Server& slot : facts.slots)
        for (const haproxy::ServerLine& line : facts.section->servers)
            if (!line.cookie.empty() && line.makes(slot.id.server.text()))
                facts.cookies.emplace(slot.id.server.text(), line.cookie);
}

/// The slots by backend, in HAProxy's order of backends.
std::vector<BackendFacts> by_backend(const Site& site) {
    std::vector<BackendFacts> all;
    std::map<std::string, std::size_t> known;
    for (const sync::Group& group : site.following.groups) {
        const std::string& name = group.key.backend.text();
        const auto [place, fresh] = known.emplace(name, all.size());
        if (fresh)
            all.emplace_back(name);
        BackendFacts& facts = all[place->second];
        facts.slots.insert(facts.slots.end(), group.slots.begin(), group.slots.end());
    }
    return all;
}

}  // namespace

std::vector<model::Server> Site::slots() const {
    std::vector<model::Server> all;
    for (const sync::Group& group : following.groups)
        all.insert(all.end(), group.slots.begin(), group.slots.end());
    return all;
}

Site visit(Session& session, const sync::Settings& settings, const net::SocketAddress& socket,
           const std::vector<std::string>& config) {
    Site site(socket, wait_for(session.io, haproxy::inspect(session.io.get_executor(), socket)));
    if (!site.inspection)
        return site;
    site.following = sync::follow(site.inspection->servers, settings);
    if (socket.is_unix())
        site.process = find_process(site.inspection->process.pid, site.inspection->master_worker);
    if (!config.empty())
        site.config = read_config_files(config, ".");
    else if (site.process)
        site.config =
            read_config_files(config_paths(site.process->arguments), site.process->folder);
    return site;
}

HaproxyFacts haproxy_facts(const Site& site) {
    HaproxyFacts facts(site.socket.text(), site.inspection);
    facts.config = site.config;
    facts.problems = site.following.problems;
    for (const model::Server& slot : site.slots()) facts.slots.push_back(slot.id);
    return facts;
}

std::vector<BackendFacts> backend_facts(const Site& site, const sync::Settings& settings,
                                        const Services& services) {
    std::vector<BackendFacts> all = by_backend(site);
    for (BackendFacts& facts : all) {
        const std::string name = facts.where;
        const sync::BackendSettings& own = settings.of(name);
        facts.gate = own.policy.gate;
        for (const sync::Group& group : site.following.groups) {
            if (group.key.backend.text() != name)
                continue;
            FollowFacts& follow = facts.follows.emplace_back();
            follow.follows = catalog::in_a_sentence(group.key.query);
            follow.slots = group.slots.size();
            follow.instances = services.instances(group.key.query, own.policy);
        }
        if (site.config.file) {
            if (const auto* section = site.config.file->proxy(name)) {
                facts.section = *section;
                facts.loads_state = !site.config.file->state_path(*section).empty();
            }
        }
        if (!take_from_stats(facts, site.inspection->stats) && facts.section)
            take_from_section(facts);
        if (settings.sockets.size() > 1)
            facts.where += " on " + model::printable(site.socket.text(), 300);
    }
    return all;
}

StateFileFacts state_file_facts(const Site& site, const sync::Settings& settings) {
    StateFileFacts facts;
    facts.path = settings.state_file;
    if (!site.inspection)
        return facts;
    facts.live = site.slots();
    if (site.config.file) {
        facts.loads.emplace();
        for (const BackendFacts& backend : by_backend(site)) {
            const auto* section = site.config.file->proxy(backend.where);
            facts.loads->emplace_back(backend.where,
                                      section ? site.config.file->state_path(*section) : "");
        }
    }
    // Only what a state file restored is older than the process.
    const std::chrono::seconds uptime(site.inspection->process.uptime + 1);
    facts.was_loaded =
        std::any_of(site.inspection->servers.begin(), site.inspection->servers.end(),
                    [&](const model::Server& one) { return one.since_change > uptime; });
    if (facts.path.empty())
        return facts;
    facts.folder_trouble = folder_trouble(facts.path);
    const auto text = sync::read_file(facts.path);
    if (text)
        facts.text = *text;
    else
        facts.text_trouble = text.error().what;
    facts.is_there = text || text.error().what != "No such file or directory";
    if (site.process && site.process->loader)
        if (may_read(facts.path, *site.process->loader) == false)
            facts.unreadable_for = "user " + std::to_string(site.process->loader->uid);
    return facts;
}

}  // namespace slotd::app
