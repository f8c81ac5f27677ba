// SPDX-License-Identifier: MIT
#include "slotd/catalog/sight.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::catalog {
namespace {

using model::Doubt;
using model::Instances;
using model::Unknown;

std::vector<model::InstanceId> ids_of(const Instances& instances) {
    std::vector<model::InstanceId> ids;
    ids.reserve(instances.list.size() + instances.refused.size());
    for (const model::Instance& instance : instances.list) ids.push_back(instance.id);
    for (const model::Refused& refused : instances.refused) ids.push_back(refused.id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

bool has_same_ids(const Instances& a, const Instances& b) {
    return a.refused == b.refused &&
           std::equal(a.list.begin(), a.list.end(), b.list.begin(), b.list.end(),
                      [](const model::Instance& one, const model::Instance& two) {
                          return one.id == two.id;
                      });
}

/// The nodes of the instances that `now` lacks.
std::vector<std::string> nodes_lost(const Instances& before, const Instances& now) {
    if (has_same_ids(before, now))
        return {};
    const auto old = ids_of(before);
    const auto fresh = ids_of(now);
    std::vector<model::InstanceId> lost;
    std::set_difference(old.begin(), old.end(), fresh.begin(), fresh.end(),
                        std::back_inserter(lost));
    std::set<std::string> nodes;
    for (const model::InstanceId& id : lost) nodes.insert(id.node);
    return std::vector<std::string>(nodes.begin(), nodes.end());
}

constexpr std::string_view not_readable =
    "the token may not read the service or all of its nodes; it needs service:read and node:read";
constexpr std::string_view no_token =
    "Consul's ACLs let nobody read the service without a token; give slotd one with service:read "
    "and node:read (token_file, CONSUL_HTTP_TOKEN_FILE)";

Unknown not_told(const model::Error& error) {
    const bool away =
        error.kind == model::ErrorKind::unreachable || error.kind == model::ErrorKind::timeout;
    return Unknown(
        away ? Doubt::unreachable : Doubt::consul_error,
        "Consul does not say whether the token may read what its list lacks: " + to_string(error));
}

}  // namespace

Sight::Sight(Source& source, Query query) : source_(source), query_(std::move(query)) {}

asio::awaitable<std::optional<Unknown>> Sight::why_doubt(Instances& list, const Instances* before) {
    // To one who may not read a key Consul says so.
    if (query_.is_of_key())
        co_return std::nullopt;
    if (before) {
        std::vector<std::string> nodes = nodes_lost(*before, list);
        if (!nodes.empty()) {
            const auto readable = co_await source_.may_read(query_, std::move(nodes));
            if (!readable)
                co_return not_told(readable.error());
            if (*readable == Readable::no)
                co_return Unknown(Doubt::acl,
                                  "the token may not read the service or the nodes of instances "
                                  "that are gone from Consul's list; give it service:read and "
                                  "node:read");
        }
    }
    std::optional<Unknown> doubt;
    if (!sees_all_)
        doubt = co_await look_around(list);
    is_first_ = is_first_ && doubt;
    co_return doubt;
}

// A first list may have been cut short before slotd ever saw it whole.
asio::awaitable<std::optional<Unknown>> Sight::look_around(Instances& list) {
    std::vector<std::string> every_node(1);
    const auto readable = co_await source_.may_read(query_, std::move(every_node));
    sees_all_ = readable && *readable != Readable::no;
    list.whole = sees_all_;
    const bool is_empty = list.list.empty() && list.refused.empty();
    if (sees_all_ || !readable || !is_first_ || !is_empty)
        co_return std::nullopt;
    const auto sees = co_await source_.sees_any(query_);
    if (!sees || *sees)
        co_return std::nullopt;
    co_return Unknown(Doubt::acl, std::string(source_.has_token() ? not_readable : no_token));
}

}  // namespace slotd::catalog
