// SPDX-License-Identifier: MIT
#include "judge.hpp"

#include "slotd/model/text.hpp"

#include <array>
#include <charconv>

namespace slotd::catalog {
namespace {

using model::contains;
using model::Doubt;
using model::Unknown;
using std::chrono::milliseconds;
using std::chrono::seconds;

bool is_leaderless(std::string_view text) {
    return contains(text, "No cluster leader") || contains(text, "No known Consul servers");
}

// What to do about it, by what Consul says; the first that fits.
struct Advice {
    std::string_view part;
    std::string_view text;
};
constexpr std::array advices{
    Advice{"boolean expression evaluator", "mend `filter`"},
    Advice{"HTTP request to an HTTPS server",
           "write https:// in its address, or set CONSUL_HTTP_SSL=true"},
    Advice{"No path to datacenter", "mend `datacenter`, or the slot's host name"},
    Advice{"No cluster leader", "its servers need to elect one"},
    Advice{"No known Consul servers", "the agent needs a server it can reach"},
    Advice{"Namespaces are a Consul Enterprise feature", "leave `namespace` out"},
    Advice{"Partitions are a Consul Enterprise feature", "leave `partition` out"},
};

std::string advice(long status, std::string_view text, std::string_view needs) {
    for (const Advice& one : advices)
        if (contains(text, one.part))
            return std::string(one.text);
    if (status == 403 || status == 401)
        return "the token needs " + std::string(needs);
    if (status == 429 || status == 503)
        return "it takes no more for now: see `limits` in the agent's configuration";
    if (status < 400 || status == 404 || status == 405)
        return "is this Consul's HTTP address?";
    return "the agent's log says more";
}

}  // namespace

// Consul adds up to wait/16 to `wait`, and holds a request without a leader for 7 s before it says
// so.
milliseconds longest_answer(bool has_index, seconds wait) {
    return has_index ? wait + milliseconds(wait) / 16 + seconds(10) : milliseconds(15'000);
}

std::optional<std::uint64_t> index_of(const net::HttpResponse& response) {
    const std::string_view text = response.header("X-Consul-Index");
    std::uint64_t index = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() ||
        index == 0)
        return std::nullopt;
    return index;
}

Unknown no_response(const model::Error& error) {
    const bool cut = error.kind == model::ErrorKind::unreadable;
    return Unknown(cut ? Doubt::unreadable_answer : Doubt::unreachable, to_string(error));
}

Unknown refusal(const net::HttpResponse& response, std::string_view needs) {
    const std::string_view text = response.body;
    const Doubt doubt = response.status == 401 || response.status == 403 ? Doubt::acl
                        : is_leaderless(text)                            ? Doubt::no_leader
                                                                         : Doubt::consul_error;
    const std::string said = model::printable(text.substr(0, text.find_last_not_of("\r\n") + 1));
    return Unknown(doubt, "Consul answers " + std::to_string(response.status) +
                              (said.empty() ? "" : ": " + said) + "; " +
                              advice(response.status, text, needs));
}

// Two of these look like an outage (500).
bool is_configuration(const net::HttpResponse& response) {
    return response.status == 400 || response.status == 401 || response.status == 403 ||
           response.status == 404 || response.status == 405 ||
           contains(response.body, "boolean expression evaluator") ||
           contains(response.body, "No path to datacenter");
}

std::optional<Unknown> doubt_of(const net::HttpResponse& response, bool has_index,
                                std::string_view needs) {
    if (response.header("X-Consul-Results-Filtered-By-ACLs") == "true")
        return Unknown(Doubt::acl, "Consul left out what the token may not read; it needs " +
                                       std::string(needs));
    if (!index_of(response))
        return Unknown(Doubt::index_reset,
                       "Consul's answer has no index; is this Consul's HTTP address, and does "
                       "nothing before it take X-Consul-Index away?");
    if (!knows_leader(response) && !has_index)
        return Unknown(Doubt::no_leader, "Consul knows no leader; its servers need to elect one");
    return std::nullopt;
}

bool says_missing_key(const net::HttpResponse& response) {
    return response.status == 404 && index_of(response);
}

bool knows_leader(const net::HttpResponse& response) {
    return response.header("X-Consul-KnownLeader") != "false";
}

}  // namespace slotd::catalog
