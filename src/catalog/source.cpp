// SPDX-License-Identifier: MIT
#include "slotd/catalog/source.hpp"

#include "rights.hpp"
#include "slotd/catalog/answer.hpp"
#include "slotd/catalog/server_list.hpp"
#include "slotd/model/text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <variant>

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
    return status == 400 || status == 401 || status == 403 || status == 404 || status == 405 ||
           contains(text, "boolean expression evaluator") ||
           contains(text, "No path to datacenter");
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

std::string advice(const Query& query, long status, std::string_view text) {
    for (const Advice& one : advices)
        if (contains(text, one.part))
            return std::string(one.text);
    if ((status == 403 || status == 401) && query.is_of_key())
        return "the token needs key:read for " + in_a_sentence(query);
    if (status == 403 || status == 401)
        return "the token needs service:read and node:read";
    if (status == 429 || status == 503)
        return "it takes no more for now: see `limits` in the agent's configuration";
    if (status < 400 || status == 404 || status == 405)
        return "is this Consul's HTTP address?";
    return "the agent's log says more";
}

Heard refusal(const Query& query, const net::HttpResponse& response) {
    const std::string_view text = response.body;
    const Doubt doubt = response.status == 401 || response.status == 403 ? Doubt::acl
                        : is_leaderless(text)                            ? Doubt::no_leader
                                                                         : Doubt::consul_error;
    std::string said = model::printable(text.substr(0, text.find_last_not_of("\r\n") + 1));
    Heard heard(Unknown(doubt, "Consul answers " + std::to_string(response.status) +
                                   (said.empty() ? "" : ": " + said) + "; " +
                                   advice(query, response.status, text)));
    heard.configuration = is_configuration(response.status, text);
    return heard;
}

// What has no Consul behind it answers 404 too, but without an index.
bool is_missing_key(const Query& query, const net::HttpResponse& response) {
    return query.is_of_key() && response.status == 404 && index_of(response);
}

Heard until_change(const Query& query, Doubt doubt, const std::string& why) {
    Heard heard(Unknown(doubt, in_a_sentence(query) + why));
    heard.until_change = true;
    return heard;
}

Heard missing_key(const Query& query) {
    return until_change(query, Doubt::consul_error,
                        " does not exist; put its list of servers there, or mend the key's name in "
                        "slotd's configuration");
}

Heard hear_value(const Query& query, std::string_view body, AnswerParser& parser) {
    const auto value = parser.parse_value(body, query.key);
    if (!value)
        return Heard(Unknown(Doubt::unreadable_answer, value.error().what));
    auto servers = parse_server_list(*value);
    if (!servers)
        return until_change(query, Doubt::unreadable_answer,
                            " can't be followed: " + to_string(servers.error()));
    return Heard(*std::move(servers));
}

class ConsulSource final : public Source {
  public:
    ConsulSource(asio::any_io_executor executor, net::HttpOptions options, Scope scope)
        : has_token_(options.has_token()),
          blocking_(executor, options),
          plain_(executor, keep_few(std::move(options))),
          scope_(std::move(scope)),
          rights_(std::move(executor), plain_, parser_, scope_) {}

    asio::awaitable<Heard> ask(Query query, std::optional<std::uint64_t> index) override {
        net::HttpRequest request(
            target_of(query, scope_, index),
            index ? blocking_timeout(scope_.wait) : milliseconds(plain_timeout));
        if (index)
            request.on_coming = [this, &query] {
                if (on_coming_)
                    on_coming_(query);
            };
        net::HttpClient& client = index ? blocking_ : plain_;
        if (index)
            blocking_.set_http2(plain_.has_http2());  // a plain query comes before a blocking one
        const auto response = co_await client.get(std::move(request));
        const bool missing = response && is_missing_key(query, *response);
        if (!response || (response->status != 200 && !missing))
            rights_.forget();
        if (!response)
            co_return transport_error(response.error());
        if (response->status != 200 && !missing)
            co_return refusal(query, *response);
        if (response->header("X-Consul-Results-Filtered-By-ACLs") == "true")
            co_return Heard(Unknown(Doubt::acl,
                                    "Consul left instances out that the token may not read; it "
                                    "needs service:read and node:read"));
        const auto now = index_of(*response);
        if (!now)
            co_return Heard(Unknown(Doubt::index_reset,
                                    "Consul's answer has no index; is this Consul's HTTP address, "
                                    "and does nothing before it take X-Consul-Index away?"));
        const bool leader_known = response->header("X-Consul-KnownLeader") != "false";
        if (!leader_known && !index)
            co_return Heard(
                Unknown(Doubt::no_leader, "Consul knows no leader; its servers need to elect one"));
        Heard heard = missing ? missing_key(query) : hear(query, response->body);
        heard.index = now;
        heard.ask_anew = !leader_known;
        co_return heard;
    }

    asio::awaitable<model::Result<Readable>> may_read(Query query,
                                                      std::vector<std::string> nodes) override {
        return rights_.may_read(std::move(query), std::move(nodes));
    }

    asio::awaitable<model::Result<bool>> sees_any(Query query) override {
        return rights_.sees_any(std::move(query));
    }

    bool has_token() const override { return has_token_; }

    void on_coming(OnComing listener) override { on_coming_ = std::move(listener); }

  private:
    Heard hear(const Query& query, std::string_view body) {
        if (query.is_of_key())
            return hear_value(query, body, parser_);
        Heard heard(parser_.parse(body, query.service));
        if (auto* unreadable = std::get_if<Unknown>(&heard.answer))
            unreadable->detail += "; is this Consul's HTTP address?";
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
    Rights rights_;
    OnComing on_coming_;
};

}  // namespace

std::unique_ptr<Source> consul_source(asio::any_io_executor executor, net::HttpOptions options,
                                      Scope scope) {
    return std::make_unique<ConsulSource>(std::move(executor), std::move(options),
                                          std::move(scope));
}

}  // namespace slotd::catalog
