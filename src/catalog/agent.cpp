// SPDX-License-Identifier: MIT
#include "slotd/catalog/agent.hpp"

#include "slotd/model/text.hpp"

#include <chrono>
#include <utility>

namespace slotd::catalog {
namespace {

using model::Error;
using model::ErrorKind;

// Consul holds a request without a leader for 7 s before it says so.
constexpr std::chrono::seconds timeout(15);

std::string first_line(std::string_view body) {
    return model::printable(body.substr(0, body.find_first_of("\r\n")));
}

Error no_consul(const net::HttpOptions& options, const net::HttpResponse& response) {
    return Error(ErrorKind::unreadable,
                 "answers " + std::to_string(response.status) + ", but not as Consul does",
                 model::printable(options.base), "is this the address of Consul's HTTP API?");
}

}  // namespace

asio::awaitable<model::Result<Agent>> ask_agent(asio::any_io_executor executor,
                                                net::HttpOptions options) {
    net::HttpClient client(executor, options);
    const auto leader = co_await client.get(net::HttpRequest("/v1/status/leader", timeout));
    if (!leader)
        co_return leader.error();
    Agent agent;
    if (leader->status == 200) {
        const auto known = parse_leader(leader->body);
        if (!known)
            co_return no_consul(options, *leader);
        agent.leader = *known;
    } else if (leader->status < 500) {
        co_return no_consul(options, *leader);
    }
    const auto self = co_await client.get(net::HttpRequest("/v1/agent/self", timeout));
    if (!self)
        co_return self.error();
    if (self->status == 200)
        parse_self(self->body, agent);
    else
        agent.refusal = first_line(self->body);
    co_return agent;
}

}  // namespace slotd::catalog
