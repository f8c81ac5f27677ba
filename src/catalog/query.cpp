// SPDX-License-Identifier: MIT
#include "slotd/catalog/query.hpp"

#include "slotd/model/text.hpp"
#include "slotd/net/http.hpp"

#include <algorithm>

namespace slotd::catalog {
namespace {

bool has_control_character(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::string to_string(const Query& query) {
    std::string details;
    const auto add = [&](const std::string& what) {
        details += (details.empty() ? "" : ", ") + what;
    };
    if (!query.tags.empty()) {
        std::string tags = query.tags.size() == 1 ? "tag" : "tags";
        for (const std::string& tag : query.tags) tags += " " + model::printable(tag, 60);
        add(tags);
    }
    if (!query.datacenter.empty())
        add("datacenter " + model::printable(query.datacenter, 60));
    if (!query.filter.empty())
        add("filter " + model::printable(query.filter, 100));
    const std::string name = model::printable(query.is_of_key() ? query.key : query.service, 100);
    return details.empty() ? name : name + " (" + details + ")";
}

std::string in_a_sentence(const Query& query) {
    return (query.is_of_key() ? "the key " : "the service ") + to_string(query);
}

model::Result<void> check_service_name(const std::string& service) {
    if (!service.empty() && service != "." && service != ".." && !has_control_character(service))
        return {};
    return model::Error(model::ErrorKind::config,
                        "\"" + model::printable(service) + "\" is no name Consul can be asked for",
                        {}, "write the service's name as Consul lists it");
}

// Consul answers `a//b` and `a/../b` with a redirect to another key.
model::Result<void> check_key(const std::string& key) {
    const std::string parts = "/" + key + "/";
    const auto has = [&](const char* what) { return parts.find(what) != std::string::npos; };
    const bool folded = has("/./") || has("/../") || parts.find("//") < parts.size() - 2;
    if (!key.empty() && !folded && !has_control_character(key))
        return {};
    return model::Error(model::ErrorKind::config,
                        "\"" + model::printable(key) + "\" is no key Consul can be asked for", {},
                        "write it as `consul kv get` takes it, without a / in front");
}

namespace {

/// A path with its parameters.
class Target {
  public:
    explicit Target(std::string path) : text_(std::move(path)) {}

    void add(std::string_view name, std::string_view value = {}) {
        text_ += separator_;
        text_ += name;
        if (!value.empty()) {
            text_ += '=';
            text_ += net::percent_encode(value);
        }
        separator_ = '&';
    }

    void add_where(const Query& query, const Scope& scope) {
        const std::string& datacenter =
            query.datacenter.empty() ? scope.datacenter : query.datacenter;
        if (!datacenter.empty())
            add("dc", datacenter);
        if (!scope.ns.empty())
            add("ns", scope.ns);
        if (!scope.partition.empty())
            add("partition", scope.partition);
    }

    void add_wait(const Scope& scope, std::optional<std::uint64_t> index) {
        if (!index)
            return;
        add("index", std::to_string(*index));
        add("wait", std::to_string(scope.wait.count()) + "s");
    }

    void add_consistency(const Scope& scope) {
        if (scope.consistency == Consistency::stale)
            add("stale");
        if (scope.consistency == Consistency::consistent)
            add("consistent");
    }

    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    char separator_ = '?';
};

std::string encode_parts(std::string_view path) {
    std::string out;
    for (;;) {
        const auto slash = path.find('/');
        out += net::percent_encode(path.substr(0, slash));
        if (slash == std::string_view::npos)
            return out;
        out += '/';
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

std::string target_of(const Query& query, const Scope& scope, std::optional<std::uint64_t> index) {
    Target target(query.is_of_key() ? "/v1/kv/" + encode_parts(query.key)
                                    : "/v1/health/service/" + net::percent_encode(query.service));
    target.add_consistency(scope);
    target.add_where(query, scope);
    for (const std::string& tag : query.tags) target.add("tag", tag);
    if (!query.filter.empty())
        target.add("filter", query.filter);
    target.add_wait(scope, index);
    return target.take();
}

std::string services_target(const Scope& scope, std::optional<std::uint64_t> index) {
    Target target("/v1/catalog/services");
    target.add_consistency(scope);
    target.add_where(Query(), scope);
    target.add_wait(scope, index);
    return target.take();
}

std::string value_target(const std::string& key, const Scope& scope,
                         std::optional<std::uint64_t> index) {
    Target target("/v1/kv/" + encode_parts(key));
    target.add("raw");
    target.add_consistency(scope);
    target.add_where(Query(), scope);
    target.add_wait(scope, index);
    return target.take();
}

std::string authorize_target(const Query& query, const Scope& scope) {
    Target target("/v1/internal/acl/authorize");
    target.add_where(query, scope);
    return target.take();
}

std::string nodes_target(const Query& query, const Scope& scope) {
    Target target("/v1/catalog/nodes");
    target.add("stale");
    target.add_where(query, scope);
    return target.take();
}

std::string authorize_body(const Query& query, const std::vector<std::string>& nodes) {
    const auto entry = [](std::string_view resource, const std::string& segment) {
        return R"({"Resource":")" + std::string(resource) + R"(","Access":"read","Segment":)" +
               model::json_string(segment) + "}";
    };
    if (query.is_of_key())
        return "[" + entry("key", query.key) + "]";
    std::string body = "[" + entry("service", query.service);
    for (const std::string& node : nodes) body += "," + entry("node", node);
    return body + "]";
}

}  // namespace slotd::catalog
