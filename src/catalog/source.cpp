// SPDX-License-Identifier: MIT
#include "slotd/catalog/source.hpp"

#include "slotd/catalog/answer.hpp"
#include "slotd/model/text.hpp"

#include <charconv>
#include <chrono>
#include <utility>

namespace slotd::catalog {
namespace {

using model::Doubt;
using model::Unknown;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Consul adds up to wait/16 to `wait`, and holds a request without a leader for 7 s before it says
// so.
milliseconds blocking_timeout(seconds wait) {
    return wait + milliseconds(wait) / 16 + seconds(10);
}
constexpr seconds plain_timeout(15);

std::optional<std::uint64_t> index_of(const net::HttpResponse& response) {
    const std::string_view text = response.header("X-Consul-Index");
    std::uint64_t index = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() ||
        index == 0)
        return std::nullopt;
    return index;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_leaderless(std::string_view text) {
    return contains(text, "No cluster leader") || contains(text, "No known Consul servers");
}

// What was asked is wrong, although two of these look like an outage (500).
bool is_configuration(long status, std::string_view text) {
    return status == 400 || status == 401 || status == 403 || status == 404 ||
           contains(text, "boolean expression evaluator") ||
           contains(text, "No path to datacenter");
}

std::string advice(long status, std::string_view text) {
    if (status == 403 || status == 401)
        return "; the token needs service:read and node:read";
    if (status == 404)
        return "; is this Consul's HTTP address?";
    if (contains(text, "boolean expression evaluator"))
        return "; mend `filter`";
    if (contains(text, "No path to datacenter"))
        return "; mend `datacenter`, or the slot's host name";
    return {};
}

Heard refusal(const net::HttpResponse& response) {
    const std::string_view text = response.body;
    const Doubt doubt = response.status == 401 || response.status == 403 ? Doubt::acl
                        : is_leaderless(text)                            ? Doubt::no_leader
                                                                         : Doubt::consul_error;
    std::string said = model::printable(text.substr(0, text.find_last_not_of("\r\n") + 1));
    Heard heard(Unknown(doubt, "Consul answers " + std::to_string(response.status) +
                                   (said.empty() ? "" : ": " + said) +
                                   advice(response.status, text)));
    heard.configuration = is_configuration(response.status, text);
    return heard;
}

bool lists_nothing(const model::Answer& answer) {
    const auto* instances = std::get_if<model::Instances>(&answer);
    return instances && instances->list.empty() && instances->refused.empty();
}

constexpr std::string_view no_token =
    "Consul's ACLs let nobody read the service without a token; give slotd one with service:read "
    "and node:read (token_file, CONSUL_HTTP_TOKEN_FILE)";

class ConsulSource final : public Source {
  public:
    ConsulSource(asio::any_io_executor executor, net::HttpOptions options, Scope scope)
        : has_token_(options.has_token()),
          blocking_(executor, options),
          plain_(executor, keep_few(std::move(options))),
          scope_(std::move(scope)) {}

    asio::awaitable<Heard> ask(Query query, std::optional<std::uint64_t> index) override {
        net::HttpRequest request(
            health_target(query, scope_, index),
            index ? blocking_timeout(scope_.wait) : milliseconds(plain_timeout));
        net::HttpClient& client = index ? blocking_ : plain_;
        const auto response = co_await client.get(std::move(request));
        if (!response || response->status != 200)
            no_acls_ = false;  // it may come back with ACLs on
        if (!response)
            co_return transport_error(response.error());
        if (response->status != 200)
            co_return refusal(*response);
        if (response->header("X-Consul-Results-Filtered-By-ACLs") == "true")
            co_return Heard(Unknown(Doubt::acl,
                                    "Consul left instances out that the token may not read; it "
                                    "needs service:read and node:read"));
        const auto now = index_of(*response);
        if (!now)
            co_return Heard(Unknown(Doubt::index_reset, "Consul's answer has no index"));
        const bool leader_known = response->header("X-Consul-KnownLeader") != "false";
        if (!leader_known && !index)
            co_return Heard(
                Unknown(Doubt::no_leader, "Consul knows no leader; its servers need to elect one"));
        Heard heard(parser_.parse(response->body, query.service));
        heard.index = now;
        heard.ask_anew = !leader_known;
        if (no_acls_ || !lists_nothing(heard.answer))
            co_return heard;
        const bool hidden = co_await is_hidden(std::move(query));
        if (hidden)
            co_return hidden_by_acls();
        co_return heard;
    }

    asio::awaitable<Readable> may_read(Query query, std::vector<std::string> nodes) override {
        return authorize(std::move(query), std::move(nodes));
    }

  private:
    // No documented call, so whatever it answers that is not clear tells nothing.
    asio::awaitable<Readable> authorize(Query query, std::vector<std::string> nodes) {
        net::HttpRequest request(authorize_target(query, scope_), milliseconds(plain_timeout));
        request.body = authorize_body(query, nodes);
        const auto response = co_await plain_.post(std::move(request));
        if (!response)
            co_return Readable::failed;
        if (response->status == 403)
            co_return Readable::no;
        if (contains(response->body, "ACL support disabled")) {
            no_acls_ = true;
            co_return Readable::yes;
        }
        if (response->status == 429 || response->status >= 500)
            co_return Readable::failed;
        if (response->status != 200)
            co_return Readable::cannot_tell;
        const auto allowed = parser_.parse_authorize(response->body);
        if (!allowed)
            co_return Readable::cannot_tell;
        co_return *allowed ? Readable::yes : Readable::no;
    }

    // To one who may not read a service Consul says that it has no instances, and the same to one
    // who may read no node.
    asio::awaitable<bool> is_hidden(Query query) {
        std::vector<std::string> every_node{""};
        const Readable all = co_await authorize(query, std::move(every_node));
        if (all != Readable::no)
            co_return false;
        std::vector<std::string> no_node;
        const Readable service = co_await authorize(query, std::move(no_node));
        if (service != Readable::yes)
            co_return service == Readable::no;
        // One who may read some nodes only sees those here.
        net::HttpRequest request(nodes_target(query, scope_), milliseconds(plain_timeout));
        const auto nodes = co_await plain_.get(std::move(request));
        co_return nodes && nodes->status == 200 && nodes->body.starts_with("[]");
    }

    Heard hidden_by_acls() const {
        Heard heard(Unknown(Doubt::acl, std::string(has_token_ ? not_readable : no_token)));
        heard.configuration = true;
        return heard;
    }

    // Of the 200 connections that Consul grants a client, the first queries of many services would
    // hold as many as the blocking ones, and never use them again.
    static net::HttpOptions keep_few(net::HttpOptions options) {
        options.most_idle = 2;
        return options;
    }

    static Heard transport_error(const model::Error& error) {
        const bool cut = error.kind == model::ErrorKind::unreadable;
        return Heard(
            Unknown(cut ? Doubt::unreadable_answer : Doubt::unreachable, to_string(error)));
    }

    bool has_token_;
    // A quick query must not wait for a connection that a blocking one holds.
    net::HttpClient blocking_;
    net::HttpClient plain_;
    Scope scope_;
    AnswerParser parser_;
    bool no_acls_ = false;  ///< Consul said so, and has not been away since
};

}  // namespace

std::unique_ptr<Source> consul_source(asio::any_io_executor executor, net::HttpOptions options,
                                      Scope scope) {
    return std::make_unique<ConsulSource>(std::move(executor), std::move(options),
                                          std::move(scope));
}

}  // namespace slotd::catalog
