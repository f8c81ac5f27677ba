// SPDX-License-Identifier: MIT
#include "support/fake_haproxy.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace slotd::testing {
namespace {

using std::chrono::milliseconds;
using Where = FakeServer::Where;

const std::string by_socket = " by 'stats socket command'";

std::string said(const std::string& text) {
    return text + "\n\n";
}

const std::string silence = "\n";

std::vector<std::string> split(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    std::string word;
    while (in >> word) words.push_back(word);
    return words;
}

std::string word(const std::vector<std::string>& words, std::size_t at) {
    return at < words.size() ? words[at] : std::string();
}

/// As HAProxy shows it back; none when it is no address.
std::optional<std::string> canonical(const std::string& text) {
    for (const int family : {AF_INET, AF_INET6}) {
        std::array<unsigned char, 16> bytes{};
        std::array<char, INET6_ADDRSTRLEN> shown{};
        if (inet_pton(family, text.c_str(), bytes.data()) == 1 &&
            inet_ntop(family, bytes.data(), shown.data(), shown.size()) != nullptr)
            return std::string(shown.data());
    }
    return std::nullopt;
}

bool all_digits(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

long seconds(milliseconds time) {
    return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

// 2.x names the half that stays as well.
std::string address_reply(FakeVersion version, const Where& from, const Where& to, bool with_port) {
    const bool old = version == FakeVersion::v2_6;
    if (from == to)
        return !old        ? "nothing changed"
               : with_port ? "no need to change the addr, no need to change the port" + by_socket
                           : "no need to change the addr" + by_socket;
    std::string reply;
    if (from.address != to.address)
        reply = "IP changed from '" + from.address + "' to '" + to.address + "'";
    else if (old)
        reply = "no need to change the addr";
    if (from.port != to.port)
        reply += (reply.empty() ? "" : ", ") + ("port changed from '" + std::to_string(from.port)) +
                 "' to '" + std::to_string(to.port) + "'";
    else if (old && with_port)
        reply += ", no need to change the port";
    return reply + by_socket;
}

}  // namespace

FakeBackend& FakeHaproxy::backend(const std::string& name) {
    if (FakeBackend* found = find(name))
        return *found;
    FakeBackend& made = backends_.emplace_back();
    made.name = name;
    // The frontend before them has a number too.
    made.number = static_cast<unsigned>(backends_.size()) + 2;
    return made;
}

FakeBackend& FakeHaproxy::add_slots(const std::string& name, unsigned count,
                                    const std::string& host) {
    FakeBackend& to = backend(name);
    for (unsigned i = 1; i <= count; ++i) {
        FakeServer& made = to.servers.emplace_back();
        made.name = "s" + std::to_string(to.servers.size());
        made.number = static_cast<unsigned>(to.servers.size());
        made.host_name = host;
        made.changed = now_;
        made.left_traffic = now_;
    }
    return to;
}

FakeServer& FakeHaproxy::add_server(const std::string& name, const std::string& server,
                                    const std::string& address, unsigned port) {
    FakeBackend& to = backend(name);
    FakeServer& made = to.servers.emplace_back();
    made.name = server;
    made.number = static_cast<unsigned>(to.servers.size());
    made.host_name = "-";
    made.is_slot = false;
    made.at = Where(address, port);
    made.configured_disabled = false;
    made.maint = false;
    made.changed = now_;
    return made;
}

FakeBackend* FakeHaproxy::find(const std::string& name) {
    for (FakeBackend& one : backends_)
        if (one.name == name)
            return &one;
    return nullptr;
}

FakeServer& FakeHaproxy::server(const std::string& path) {
    const auto slash = path.find('/');
    if (FakeBackend* in = find(path.substr(0, slash)))
        for (FakeServer& one : in->servers)
            if (one.name == path.substr(slash + 1))
                return one;
    throw std::invalid_argument("no server " + path);
}

void FakeHaproxy::settle() {
    for (FakeBackend& in : backends_)
        for (FakeServer& one : in.servers)
            if (one.queued) {
                one.at = *one.queued;
                one.queued.reset();
            }
}

void FakeHaproxy::reload() {
    ++pid_;
    started_ = now_;
    for (FakeBackend& in : backends_)
        for (FakeServer& one : in.servers) {
            if (one.is_slot)
                one.at = Where("127.0.0.1", 1);
            one.queued.reset();
            one.weight = one.configured_weight;
            one.maint = one.configured_disabled;
            one.drain = false;
            one.sessions = 0;
            one.changed = now_;
            one.left_traffic = now_;
        }
}

void FakeHaproxy::violation(const std::string& path, const std::string& what) {
    violations.push_back(path + ": " + what);
}

std::string FakeHaproxy::run(const std::string& line) {
    lines.push_back(line);
    const Words words = split(line);
    if (word(words, 0) == "set" && word(words, 1) == "server")
        return set_server(words);
    if (line == "show info")
        return show_info();
    if (line.starts_with("show servers state"))
        return show_servers_state(words);
    if (line.starts_with("show stat "))
        return show_stat(words);
    return said(version_ == FakeVersion::v2_6
                    ? "Unknown command, but maybe one of the following ones is a better match:"
                    : "Unknown command: '" + word(words, 0) +
                          "', but maybe one of the following ones is a better match:");
}

std::string FakeHaproxy::set_server(const Words& words) {
    if (user_level)
        return said("Permission denied");
    const std::string path = word(words, 2);
    const auto slash = path.find('/');
    if (slash == std::string::npos)
        return said("Require 'backend/server'.");
    FakeBackend* in = find(path.substr(0, slash));
    if (in == nullptr)
        return said("No such backend.");
    FakeServer* found = nullptr;
    for (FakeServer& one : in->servers)
        if (one.name == path.substr(slash + 1))
            found = &one;
    if (found == nullptr)
        return said("No such server.");
    if (!found->is_slot)
        violation(path, "is no slot");
    const std::string what = word(words, 3);
    if (what == "addr")
        return set_address(path, *found, words);
    if (what == "weight")
        return set_weight(*in, *found, words);
    if (what == "state")
        return set_state(path, *found, words);
    return said(
        "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send "
        "| check-addr | check-port | fqdn | health | ssl | state | weight");
}

std::string FakeHaproxy::set_address(const std::string& path, FakeServer& server,
                                     const Words& words) {
    const bool old = version_ == FakeVersion::v2_6;
    if (!server.takes_address)
        return said(
            "Update for the current server address family is only supported through "
            "configuration file" +
            (old ? by_socket : "."));
    const auto address = canonical(word(words, 4));
    if (!address)
        return said("Invalid addr '" + word(words, 4) + "'" + (old ? by_socket : ""));
    Where to(*address, server.at.port);
    const bool with_port = word(words, 5) == "port";
    if (with_port) {
        if (!all_digits(word(words, 6)))
            return said("problem converting port '" + word(words, 6) + "' to an int" +
                        (old ? by_socket : ""));
        to.port = static_cast<unsigned>(std::strtoul(words[6].c_str(), nullptr, 10) % 65536);
    }

    if (!server.maint)
        violation(path, std::string("an address while ") + (server.drain ? "draining" : "ready"));
    else if (server.sessions > 0 && now_ - server.left_traffic < rest)
        violation(path, "an address while its sessions go on");
    // Compared with what is in force, also when another one is queued.
    const std::string reply = address_reply(version_, server.at, to, with_port);
    if (server.at == to)
        return said(reply);
    if (old) {
        server.at = to;
    } else {
        server.queued = to;
        server.reads_to_wait = late_reads;
    }
    return said(reply);
}

std::string FakeHaproxy::set_weight(const FakeBackend& backend, FakeServer& server,
                                    const Words& words) {
    // 2.6 ends these two in one newline.
    const std::string end = version_ == FakeVersion::v2_6 ? "\n" : "\n\n";
    const std::string text = word(words, 4);
    if (text.empty())
        return said("Require <weight> or <weight%>.");
    const auto digits = text.find_first_not_of("0123456789");
    if (digits == 0)
        return "Empty weight string empty or preceded by garbage" + end;
    if (digits != std::string::npos)
        return "Trailing garbage in weight string" + end;
    const unsigned long weight = std::strtoul(text.c_str(), nullptr, 10);
    if (weight > 256)
        return said("Absolute weight can only be between 0 and 256 inclusive.");
    if (backend.static_algorithm && weight != 0 && weight != server.configured_weight)
        return said(
            "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.");
    server.weight = static_cast<unsigned>(weight);
    return silence;
}

std::string FakeHaproxy::set_state(const std::string& path, FakeServer& server,
                                   const Words& words) {
    const std::string state = word(words, 4);
    const bool was_maint = server.maint;
    const bool was_drain = server.drain;
    if (state != "ready" && state != "drain" && state != "maint")
        return said("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
    if (state == "ready" && server.queued)
        violation(path, "ready while an address is queued");
    if (server.is_ready() && state != "ready")
        server.left_traffic = now_;
    server.maint = state == "maint";
    server.drain = state == "drain";
    // 3.x does not say when a drain began.
    const bool maint_changed = was_maint != server.maint;
    const bool drain_changed = was_drain != server.drain && version_ == FakeVersion::v2_6;
    if (maint_changed || drain_changed)
        server.changed = now_;
    return silence;
}

std::string FakeHaproxy::show_info() const {
    const std::string version =
        version_ == FakeVersion::v2_6 ? "2.6.12-1+deb12u4" : "3.0.11-1+deb13u5";
    return "Name: HAProxy\nVersion: " + version + "\nPid: " + std::to_string(pid_) +
           "\nUptime_sec: " + std::to_string(seconds(now_ - started_)) +
           "\nStart_time_sec: " + std::to_string(seconds(started_)) + "\nStopping: 0\n\n";
}

std::string FakeHaproxy::show_servers_state(const Words& words) {
    const std::string only = word(words, 3);
    if (!only.empty() && find(only) == nullptr)
        return said("Can't find backend.");
    std::ostringstream out;
    out << "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight "
           "srv_iweight srv_time_since_last_change srv_check_status srv_check_result "
           "srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id "
           "srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr "
           "srv_agent_port\n";
    for (FakeBackend& in : backends_) {
        if (!only.empty() && in.name != only)
            continue;
        for (FakeServer& one : in.servers) {
            if (one.queued && !never_settles && one.reads_to_wait-- == 0) {
                one.at = *one.queued;
                one.queued.reset();
            }
            const int admin = (one.configured_disabled ? 4 : 0) + (one.maint ? 1 : 0) +
                              (one.drain ? 8 : 0) + (one.takes_address ? 0 : 32);
            out << in.number << ' ' << in.name << ' ' << one.number << ' ' << one.name << ' '
                << (one.takes_address ? one.at.address : "-") << ' ' << (one.maint ? 0 : 2) << ' '
                << admin << ' ' << one.weight << ' ' << one.configured_weight << ' '
                << seconds(now_ - one.changed) << " 1 0 " << (one.maint ? 0 : 2)
                << (one.configured_disabled ? " 8" : " 0") << " 0 0 0 " << one.host_name << ' '
                << one.at.port << " - 0 0 - - 0\n";
        }
    }
    out << '\n';
    return out.str();
}

std::string FakeHaproxy::show_stat(const Words& words) const {
    std::ostringstream out;
    out << "# pxname,svname,qcur,qmax,scur,status,weight,lastchg,check_status\n";
    const std::string server = word(words, 4);
    for (const FakeBackend& in : backends_)
        for (const FakeServer& one : in.servers) {
            if (word(words, 2) != std::to_string(in.number) ||
                (server != "-1" && server != std::to_string(one.number)))
                continue;
            const char* const status = !one.takes_address ? "MAINT (resolution)"
                                       : one.maint        ? "MAINT"
                                       : one.drain        ? "DRAIN"
                                                          : "no check";
            out << in.name << ',' << one.name << ',' << one.queue << ",0," << one.sessions << ',' << status << ','
                << one.weight << ',' << seconds(now_ - one.changed) << ",\n";
        }
    out << '\n';
    return out.str();
}

}  // namespace slotd::testing
