// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "slotd/model/text.hpp"
#include "words.hpp"

#include <string_view>

namespace slotd::app {
namespace {

// For the quick requests, and what else runs beside slotd.
constexpr std::size_t spare_connections = 20;

bool is_plain(std::string_view address) {
    return address.starts_with("http://");
}

bool is_loopback(std::string_view address) {
    for (const std::string_view host : {"http://127.", "http://localhost", "http://[::1]"})
        if (address.starts_with(host))
            return true;
    return false;
}

// A timeout comes without a hint.
Finding unreachable(const std::string& where, const model::Error& error) {
    return Finding(Level::failure, Area::consul, Code::consul_unreachable, where, error.what,
                   error.hint.empty()
                       ? "the agent may hang, or be overloaded: does its log say why?"
                       : error.hint);
}

std::string about_way(const ConsulFacts& facts) {
    if (!is_plain(facts.address))
        return facts.address.starts_with("https://")
                   ? facts.verifies ? ", over TLS" : ", over TLS without verification"
                   : "";
    return is_loopback(facts.address) ? "" : ", without TLS";
}

std::string about_agent(const ConsulFacts& facts) {
    const catalog::Agent& agent = *facts.agent;
    if (agent.version.empty())
        return "answers" + about_way(facts) + "; its version takes agent:read" +
               (agent.refusal.empty() ? "" : " (" + agent.refusal + ")");
    return "Consul " + agent.version + about_way(facts) + ", datacenter " + agent.datacenter;
}

Finding about_leader(const std::string& where, const ConsulFacts& facts) {
    const std::string& leader = facts.agent->leader;
    if (leader.empty())
        return Finding(Level::failure, Area::consul, Code::consul_no_leader, where,
                       about_agent(facts) + "; it knows no leader",
                       "its servers need to reach each other and elect one; until then slotd holds "
                       "every backend");
    return Finding(Level::ok, Area::consul, Code::consul_answers, where,
                   about_agent(facts) + ", leader " + leader);
}

}  // namespace

Findings on_consul(const ConsulFacts& facts) {
    const std::string where = model::printable(facts.address);
    if (!facts.agent)
        return {unreachable(where, facts.agent.error())};
    const catalog::Agent& agent = *facts.agent;
    Findings findings;
    if (agent.refusal == "ACL not found")
        findings.emplace_back(Level::failure, Area::consul, Code::token_unknown, where,
                              "Consul does not know the token: " + agent.refusal,
                              "it was deleted, or is of another Consul; give a valid one by "
                              "token_file or CONSUL_HTTP_TOKEN_FILE");
    else
        findings.push_back(about_leader(where, facts));
    if (facts.has_token && is_plain(facts.address) && !is_loopback(facts.address))
        findings.emplace_back(Level::warning, Area::consul, Code::token_in_clear, where,
                              "the token crosses the network as plain text", "use https://");
    if (is_plain(facts.address) && agent.most_connections && *agent.most_connections > 0 &&
        facts.followed + spare_connections > static_cast<std::size_t>(*agent.most_connections))
        findings.emplace_back(
            Level::warning, Area::consul, Code::too_few_connections, where,
            "it grants a client " +
                count(static_cast<std::size_t>(*agent.most_connections), "connection") +
                ", and slotd holds one for each of " + count(facts.followed, "list"),
            "raise limits.http_max_conns_per_client of the agent, or use https://, where one "
            "connection carries 250");
    return findings;
}

}  // namespace slotd::app
