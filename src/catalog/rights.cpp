// SPDX-License-Identifier: MIT
#include "rights.hpp"

#include "slotd/model/text.hpp"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

namespace slotd::catalog {
namespace {

using model::contains;
using model::Error;
using model::ErrorKind;
using model::Result;

// It is answered from the agent's memory.
constexpr std::chrono::seconds rights_timeout(5);
// Consul 1.8: "Refusing to process more than 64 authorizations at once". One is the service's.
constexpr std::size_t most_nodes = 63;

// It is no documented call, so whatever Consul answers that is not clear tells nothing. A proxy in
// front of it may say 403 as well, in other words.
Result<Readable> read(const net::HttpResponse& response, AnswerParser& parser) {
    if (response.status == 200) {
        const auto allowed = parser.parse_authorize(response.body);
        if (!allowed)
            return Readable::cannot_tell;
        return *allowed ? Readable::yes : Readable::no;
    }
    if (response.status == 403 &&
        (contains(response.body, "ACL not found") || contains(response.body, "Permission denied")))
        return Readable::no;
    if (response.status == 429 || response.status >= 500)
        return Error(ErrorKind::refused,
                     "Consul answers " + std::to_string(response.status) + ": " +
                         model::printable(response.body),
                     "/v1/internal/acl/authorize");
    return Readable::cannot_tell;
}

}  // namespace

/// While it is not known whether Consul has ACLs, one asks and the others wait for what it learns.
class Rights::Asking {
  public:
    explicit Asking(Rights& rights) : rights_(rights) { rights_.asking_ = true; }
    ~Asking() {
        rights_.asking_ = false;
        rights_.asked_.cancel();
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

  private:
    Rights& rights_;
};

Rights::Rights(asio::any_io_executor executor, net::HttpClient& client, AnswerParser& parser,
               const Scope& scope)
    : client_(client),
      parser_(parser),
      scope_(scope),
      asked_(std::move(executor), asio::steady_timer::time_point::max()) {}

asio::awaitable<Result<Readable>> Rights::may_read(Query query, std::vector<std::string> nodes) {
    asio::error_code woken;
    while (!known_ && asking_)
        co_await asked_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (acls_off_)
        co_return Readable::yes;
    const Asking asking(*this);
    auto rest = nodes.begin();
    do {
        const auto end =
            rest + std::min<std::ptrdiff_t>(most_nodes, std::distance(rest, nodes.end()));
        const std::vector<std::string> some(rest, end);
        const auto readable = co_await ask(query, some);
        if (!readable || *readable != Readable::yes)
            co_return readable;
        rest = end;
    } while (rest != nodes.end() && !acls_off_);
    co_return Readable::yes;
}

asio::awaitable<Result<Readable>> Rights::ask(const Query& query,
                                              const std::vector<std::string>& nodes) {
    net::HttpRequest request(authorize_target(query, scope_), rights_timeout);
    request.body = authorize_body(query, nodes);
    const auto response = co_await client_.post(std::move(request));
    if (!response)
        co_return response.error();
    known_ = true;
    acls_off_ = contains(response->body, "ACL support disabled");
    if (acls_off_)
        co_return Readable::yes;
    co_return read(*response, parser_);
}

asio::awaitable<Result<bool>> Rights::sees_any(Query query) {
    std::vector<std::string> no_node;
    const auto service = co_await may_read(query, std::move(no_node));
    if (!service)
        co_return service.error();
    if (*service == Readable::no)
        co_return false;
    // One who may read some nodes only sees those here.
    net::HttpRequest request(nodes_target(query, scope_), rights_timeout);
    const auto nodes = co_await client_.get(std::move(request));
    if (!nodes)
        co_return nodes.error();
    co_return nodes->status != 200 || !nodes->body.starts_with("[]");
}

void Rights::forget() {
    known_ = false;
    acls_off_ = false;
}

}  // namespace slotd::catalog
