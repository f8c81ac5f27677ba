// SPDX-License-Identifier: MIT
#include "slotd/catalog/source.hpp"

#include "judge.hpp"
#include "rights.hpp"
#include "slotd/catalog/answer.hpp"
#include "slotd/catalog/server_list.hpp"

#include <utility>
#include <variant>

namespace slotd::catalog {
namespace {

using model::Doubt;
using model::Unknown;

std::string needs_of(const Query& query) {
    return query.is_of_key() ? "key:read for " + in_a_sentence(query)
                             : "service:read and node:read";
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

Heard hear_value(const Query& query, const std::string& body, AnswerParser& parser) {
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

    asio::awaitable<Heard> ask(Query query, std::optional<std::uint64_t> index,
                               OnComing on_coming) override {
        net::HttpRequest request(target_of(query, scope_, index),
                                 longest_answer(index.has_value(), scope_.wait));
        request.on_coming = std::move(on_coming);
        net::HttpClient& client = index ? blocking_ : plain_;
        if (index)
            blocking_.set_http2(plain_.has_http2());  // a plain query comes before a blocking one
        const auto response = co_await client.get(std::move(request));
        const bool missing = response && query.is_of_key() && says_missing_key(*response);
        if (!response || (response->status != 200 && !missing))
            rights_.forget();
        if (auto none = no_answer<Heard>(response, missing, index.has_value(), needs_of(query)))
            co_return *std::move(none);
        Heard heard = missing ? missing_key(query) : hear(query, response->body);
        heard.index = index_of(*response);
        heard.ask_anew = !knows_leader(*response);
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

    bool has_no_acls() const override { return rights_.has_no_acls(); }

  private:
    Heard hear(const Query& query, const std::string& body) {
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

    bool has_token_;
    // A quick query must not wait for a connection that a blocking one holds.
    net::HttpClient blocking_;
    net::HttpClient plain_;
    Scope scope_;
    AnswerParser parser_;
    Rights rights_;
};

}  // namespace

std::unique_ptr<Source> consul_source(asio::any_io_executor executor, net::HttpOptions options,
                                      Scope scope) {
    return std::make_unique<ConsulSource>(std::move(executor), std::move(options),
                                          std::move(scope));
}

}  // namespace slotd::catalog
