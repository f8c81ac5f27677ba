// SPDX-License-Identifier: MIT
#include "examine.hpp"

#include "../commands/session.hpp"
#include "../state_dir.hpp"
#include "file_facts.hpp"
#include "services.hpp"
#include "site.hpp"
#include "slotd/app/check/findings.hpp"
#include "slotd/model/text.hpp"

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace slotd::app {
namespace {

void add_all(Findings& to, Findings some) {
    std::move(some.begin(), some.end(), std::back_inserter(to));
}

void look_at_state_dir(Findings& findings, const std::string& path) {
    if (path.empty())
        return;
    if (const auto usable = check_state_dir(path); !usable)
        findings.push_back(failure(Area::configuration, Code::state_dir_unusable, usable.error()));
    else
        findings.emplace_back(Level::ok, Area::configuration, Code::state_dir_usable,
                              model::printable(path, 300), "slotd can keep files here");
}

/// Backends that were asked for and that no HAProxy has.
Findings missing(const std::vector<Site>& sites, const sync::Settings& settings) {
    std::map<std::string, std::size_t> times;
    Findings findings;
    for (const Site& site : sites) {
        if (!site.inspection)
            continue;
        for (const model::Error& error : sync::missing_backends(site.following, settings))
            if (++times[error.where] == sites.size())
                findings.push_back(failure(Area::haproxy, Code::backend_missing, error));
    }
    return findings;
}

}  // namespace

Findings examine(const Options& options, const SetupReading& reading) {
    Findings findings = on_configuration(reading);
    if (!reading.errors.empty())
        return findings;
    const Setup& setup = reading.setup;
    if (!options.haproxy_config.empty() && setup.work.sockets.size() > 1) {
        findings.emplace_back(
            Level::failure, Area::configuration, Code::haproxy_config_ambiguous, "--haproxy-config",
            "one haproxy.cfg can't be that of several HAProxys", "name one of them with --socket");
        return findings;
    }
    look_at_state_dir(findings, setup.admin.state_dir);
    Session session(setup);
    std::vector<Site> sites;
    for (const net::SocketAddress& socket : setup.work.sockets)
        sites.push_back(visit(session, setup.work, socket, options.haproxy_config));

    Services services(session);
    ConsulFacts consul(
        setup.http.base,
        wait_for(session.io, catalog::ask_agent(session.io.get_executor(), setup.http)));
    consul.has_token = setup.http.has_token();
    consul.verifies = setup.http.tls.verify;
    for (const Site& site : sites)
        for (const sync::Group& group : site.following.groups) services.add(group.key.query);
    consul.followed = services.size();
    add_all(findings, on_consul(consul));
    if (consul.agent)
        services.ask();
    for (const ServiceFacts& facts : services.facts()) add_all(findings, on_service(facts));

    for (const Site& site : sites) {
        add_all(findings, on_haproxy(haproxy_facts(site)));
        for (const BackendFacts& facts : backend_facts(site, setup.work, services))
            add_all(findings, on_backend(facts));
        add_all(findings, on_state_file(state_file_facts(site, setup.work)));
    }
    add_all(findings, missing(sites, setup.work));
    if (setup.file)
        add_all(findings, on_file(file_facts(session, setup, consul.agent.has_value())));
    return findings;
}

}  // namespace slotd::app
