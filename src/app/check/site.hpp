// SPDX-License-Identifier: MIT
#pragma once

#include "../commands/session.hpp"
#include "services.hpp"
#include "slotd/app/check/facts.hpp"
#include "slotd/app/check/process.hpp"
#include "slotd/net/stream.hpp"
#include "slotd/sync/follow.hpp"
#include "slotd/sync/settings.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slotd::app {

/// One HAProxy, as far as it can be looked at.
struct Site {
    net::SocketAddress socket;
    model::Result<haproxy::Inspection> inspection;
    std::optional<HaproxyProcess> process;  ///< none: it is not of this machine, or hidden
    ConfigFacts config;
    sync::Following following;

    Site(net::SocketAddress socket_, model::Result<haproxy::Inspection> inspection_)
        : socket(std::move(socket_)), inspection(std::move(inspection_)) {}
    std::vector<model::Server> slots() const;
};

/// `config` are the files that the command line names; empty: those of HAProxy's command line.
Site visit(Session& session, const sync::Settings& settings, const net::SocketAddress& socket,
           const std::vector<std::string>& config);

HaproxyFacts haproxy_facts(const Site& site);
std::vector<BackendFacts> backend_facts(const Site& site, const sync::Settings& settings,
                                        const Services& services);
StateFileFacts state_file_facts(const Site& site, const sync::Settings& settings);

}  // namespace slotd::app
