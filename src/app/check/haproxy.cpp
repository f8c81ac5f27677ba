// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/model/text.hpp"
#include "words.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace slotd::app {
namespace {

constexpr std::pair<int, int> oldest{2, 2};

/// "3.0.11-1+deb13u5": 3 and 0; none when it is written in another way.
std::optional<std::pair<int, int>> version_of(std::string_view text) {
    int major = 0;
    int minor = 0;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, major);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.')
        return std::nullopt;
    if (std::from_chars(first.ptr + 1, end, minor).ec != std::errc())
        return std::nullopt;
    return std::pair(major, minor);
}

void check_process(Findings& findings, const std::string& where, const haproxy::Inspection& found) {
    const auto version = version_of(found.process.version);
    if (version && *version < oldest)
        findings.emplace_back(Level::warning, Area::haproxy, Code::haproxy_too_old, where,
                              "HAProxy " + found.process.version + " is older than slotd knows",
                              "slotd speaks with 2.2 and later");
    if (found.process.stopping)
        findings.emplace_back(Level::warning, Area::haproxy, Code::haproxy_stopping, where,
                              "pid " + std::to_string(found.process.pid) +
                                  ", which answers, is stopping: it is the process from before a "
                                  "reload",
                              "run it again when the reload is over");
    if (found.level != "admin")
        findings.emplace_back(
            Level::failure, Area::haproxy, Code::socket_level_too_low, where,
            "the socket has level " + found.level + ": slotd may not change slots",
            "write `level admin` on its `stats socket` line; `slotd plan` works "
            "with less");
}

bool exposes_listeners(const haproxy::ConfigFile& config) {
    return std::any_of(config.sockets.begin(), config.sockets.end(),
                       [](const haproxy::StatsSocket& one) { return one.exposes_listeners; });
}

// In master-worker mode the listeners go through the master: with and without the word, 15 reloads
// under load lost no connection. Without a master, 15 reloads reset 1 (2.6) and 4 (3.0)
// connections, with the word and -x none.
void check_reloads(Findings& findings, const std::string& where, const HaproxyFacts& facts) {
    if (facts.inspection->master_worker || !facts.config.file ||
        exposes_listeners(*facts.config.file))
        return;
    findings.emplace_back(Level::warning, Area::haproxy, Code::reload_resets_connections, where,
                          "without a master process and without `expose-fd listeners`, a reload "
                          "resets connections that wait to be accepted",
                          "run it with -W, or write `expose-fd listeners` on the `stats socket` "
                          "line and start the new process with -x");
}

/// `show stat` tells the algorithm and cookies from level operator on (2.6, 3.0).
std::string config_hint(const haproxy::Inspection& found) {
    return std::string(
               "--haproxy-config FILE names it; it says what no socket tells: init-addr, "
               "hash-type, the state file") +
           (found.level == "user" ? "; and what one of level user does not: balance, cookies" : "");
}

/// Slots that run and that no line makes.
std::vector<std::string> strangers(const haproxy::ConfigFile& config,
                                   const std::vector<model::SlotId>& slots) {
    std::vector<std::string> names;
    for (const model::SlotId& slot : slots) {
        const haproxy::ProxySection* proxy = config.proxy(slot.backend.text());
        const bool made = proxy && std::any_of(proxy->servers.begin(), proxy->servers.end(),
                                               [&](const haproxy::ServerLine& line) {
                                                   return line.makes(slot.server.text());
                                               });
        if (!made)
            names.push_back(to_string(slot));
    }
    return names;
}

void check_config(Findings& findings, const std::string& where, const HaproxyFacts& facts) {
    const ConfigFacts& config = facts.config;
    if (config.trouble) {
        findings.emplace_back(
            Level::warning, Area::haproxy, Code::haproxy_config_not_seen, where,
            "haproxy.cfg was not looked at: " + config.trouble->where + ": " + config.trouble->what,
            config_hint(*facts.inspection));
        return;
    }
    if (!config.file) {
        findings.emplace_back(Level::ok, Area::haproxy, Code::haproxy_config_not_seen, where,
                              "haproxy.cfg was not looked at: where it is can't be told",
                              config_hint(*facts.inspection));
        return;
    }
    std::string paths;
    for (const std::string& path : config.paths)
        paths += (paths.empty() ? "" : ", ") + model::printable(path, 300);
    const std::vector<std::string> names = strangers(*config.file, facts.slots);
    if (names.empty())
        findings.emplace_back(Level::ok, Area::haproxy, Code::haproxy_config_seen, where,
                              paths + " was looked at");
    else
        findings.emplace_back(
            Level::warning, Area::haproxy, Code::haproxy_config_differs, where,
            paths + " has no line for " + all_of("slot", names) + ", which HAProxy has",
            "was it changed since the last reload, or is it another HAProxy's?");
}

void check_slots(Findings& findings, const std::string& where, const HaproxyFacts& facts) {
    for (const model::Error& problem : facts.problems)
        findings.push_back(failure(Area::backend, Code::slot_not_followed, problem, where));
    if (!facts.slots.empty() || !facts.problems.empty())
        return;
    findings.emplace_back(Level::failure, Area::haproxy, Code::no_slots, where, "it has no slot",
                          "add slot lines to the backends that slotd shall fill, `slotd slots "
                          "SERVICE COUNT` prints one, and reload HAProxy");
}

Finding about_haproxy(const std::string& where, const haproxy::Inspection& found,
                      std::size_t slots) {
    return Finding(
        Level::ok, Area::haproxy, Code::haproxy_answers, where,
        "HAProxy " + found.process.version + ", pid " + std::to_string(found.process.pid) +
            (found.master_worker ? " of a master process" : "") +
            (found.level == "admin" ? ", level admin" : "") + ", " + count(slots, "slot"));
}

}  // namespace

Findings on_haproxy(const HaproxyFacts& facts) {
    const std::string where = model::printable(facts.socket, 300);
    if (!facts.inspection)
        return {Finding(Level::failure, Area::haproxy, Code::haproxy_unreachable, where,
                        facts.inspection.error().what, facts.inspection.error().hint)};
    Findings findings{about_haproxy(where, *facts.inspection, facts.slots.size())};
    check_process(findings, where, *facts.inspection);
    check_slots(findings, where, facts);
    check_reloads(findings, where, facts);
    check_config(findings, where, facts);
    return findings;
}

}  // namespace slotd::app
