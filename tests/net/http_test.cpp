// SPDX-License-Identifier: MIT
#include "slotd/net/http.hpp"

#include "support/http_server.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

using namespace slotd;
using namespace slotd::testing;

namespace {

/// The client dies before the loop, and after its requests.
struct GettingClient {
    asio::io_context io;
    std::unique_ptr<net::HttpClient> http;

    void open(const std::string& base) {
        net::HttpOptions options;
        options.base = base;
        options.user_agent = "slotd/test";
        open(std::move(options));
    }

    void open(net::HttpOptions options) {
        http = std::make_unique<net::HttpClient>(io.get_executor(), std::move(options));
    }

    model::Result<net::HttpResponse> get(std::string target, milliseconds timeout = patience) {
        return result_of(io, http->get(net::HttpRequest(std::move(target), timeout)));
    }

    std::string body(std::string target) {
        const auto response = get(std::move(target));
        return response ? response->body : to_string(response.error());
    }

    std::string error(milliseconds timeout = patience) {
        const auto response = get("/", timeout);
        return response ? "none" : to_string(response.error());
    }
};

struct Count {
    int good = 0;
    int bad = 0;
};

asio::awaitable<void> count_a_get(net::HttpClient& http, Count& count) {
    const auto response = co_await http.get(net::HttpRequest("/", patience));
    ++(response && response->body == "all here" ? count.good : count.bad);
}

/// A variable of the environment, for a while.
class Environment {
  public:
    Environment(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Environment() { unsetenv(name_); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

  private:
    const char* name_;
};

}  // namespace

TEST_SUITE("http") {
    TEST_CASE("a GET gives status, headers and body, and sends what it was told to") {
        GettingClient client;
        const HttpServer server(client.io,
                                {respond(418, "X-Consul-Index: 7\r\nX-Empty:\r\n", "a\nbody")});
        net::HttpOptions options;
        options.base = server.base() + "/";
        options.user_agent = "slotd/test";
        options.token = "secret";
        client.open(std::move(options));

        const auto response = client.get("/v1/health/service/a%20b/../c?wait=60s");
        REQUIRE(response);
        CHECK(response->status == 418);
        CHECK(response->body == "a\nbody");
        CHECK(response->header("X-Consul-Index") == "7");
        CHECK(response->header("X-Empty").empty());
        REQUIRE(server.requests().size() == 1);
        const SeenRequest& request = server.requests()[0];
        CHECK(request.target == "/v1/health/service/a%20b/../c?wait=60s");
        CHECK(request.header("Host") == "127.0.0.1:" + std::to_string(server.port()));
        CHECK(request.header("User-Agent") == "slotd/test");
        CHECK(request.header("X-Consul-Token") == "secret");
    }

    TEST_CASE("the token is asked for before each request, and may change while others run") {
        GettingClient client;
        Act wait_for_both = respond(200, "", "x");
        wait_for_both.after_requests = 2;
        const HttpServer server(client.io, {wait_for_both, respond(200, "", "x")});
        std::string token;
        net::HttpOptions options;
        options.base = server.base();
        options.token_source.current = [&token] { return token; };
        client.open(std::move(options));
        Count count;
        token = "first";
        const net::Task one =
            net::spawn(client.io.get_executor(), count_a_get(*client.http, count));
        run_until(client.io, [&] { return server.requests().size() == 1; });
        token = "second";
        REQUIRE(client.get("/"));
        token = "";
        REQUIRE(client.get("/"));
        REQUIRE(server.requests().size() == 3);
        CHECK(server.requests()[0].header("X-Consul-Token") == "first");
        CHECK(server.requests()[1].header("X-Consul-Token") == "second");
        CHECK(server.requests()[2].head.find("Token") == std::string::npos);
    }

    TEST_CASE("what was refused is asked again when there is another token by then, else not") {
        GettingClient client;
        const HttpServer server(client.io, {respond(403, "", "no"), respond(401, "", "no"),
                                            respond(200, "", "x"), respond(403, "", "still no")});
        int asked = 0;
        net::HttpOptions options;
        options.base = server.base();
        options.token_source.current = [&asked] {
            return "token-" + std::to_string(std::min(++asked, 5));
        };
        client.open(std::move(options));
        CHECK(client.body("/") == "x");
        REQUIRE(server.requests().size() == 3);
        CHECK(server.requests()[0].header("X-Consul-Token") == "token-1");
        CHECK(server.requests()[1].header("X-Consul-Token") == "token-3");
        CHECK(server.requests()[2].header("X-Consul-Token") == "token-5");
        CHECK(client.body("/") == "still no");
        CHECK(server.requests().size() == 4);
    }

    TEST_CASE("no token, no header for it") {
        GettingClient client;
        const HttpServer server(client.io, {respond(200, "", "")});
        client.open(server.base());
        REQUIRE(client.get("/"));
        CHECK(server.requests()[0].head.find("Token") == std::string::npos);
    }

    TEST_CASE("header names are compared without case, and the first of a name counts") {
        net::HttpResponse response;
        response.head =
            "X-Consul-Index: 1\r\nx-consul-index: 2\r\nX-Consul:3\r\nX-Last: 4";
        CHECK(response.header("x-CONSUL-inDEX") == "1");
        CHECK(response.header("X-Consul") == "3");
        CHECK(response.header("X-Last") == "4");
        CHECK(response.header("X-Consul-Inde").empty());
        CHECK(response.header("").empty());
    }

    TEST_CASE("the headers are those of the last response, after a 100 Continue") {
        GettingClient client;
        const HttpServer server(
            client.io, {Act("HTTP/1.1 100 Continue\r\nX-Which: first\r\n\r\n"
                            "HTTP/1.1 200 OK\r\nX-Which: second\r\nContent-Length: 0\r\n\r\n")});
        client.open(server.base());
        const auto response = client.get("/");
        REQUIRE(response);
        CHECK(response->status == 200);
        CHECK(response->header("X-Which") == "second");
    }

    TEST_CASE("a response is announced once, as its first bytes come") {
        GettingClient client;
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        for (const auto& [answer, wanted] : std::initializer_list<std::pair<std::string, int>>{
                 {head + "here", 1},
                 {"HTTP/1.1 100 Continue\r\n\r\n" + head + "here", 1},
                 {head + "he", 1},
                 {"HTTP", 1},
                 {"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nhere", 1}}) {
            const HttpServer server(client.io, {Act(answer, Then::close)});
            client.open(server.base());
            int announced = 0;
            net::HttpRequest request("/", patience);
            request.on_coming = [&announced] { ++announced; };
            (void)result_of(client.io, client.http->get(std::move(request)));
            CHECK(announced == wanted);
        }
    }

    TEST_CASE("a chunked body is put together") {
        GettingClient client;
        const HttpServer server(client.io, {Act("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                                                "\r\n3\r\none\r\n4\r\n two\r\n0\r\n\r\n")});
        client.open(server.base());
        CHECK(client.body("/") == "one two");
    }

    TEST_CASE("a long body arrives as fast as it is sent") {
        const std::string long_body(20'000'000, 'x');
        GettingClient client;
        const HttpServer server(client.io, {respond(200, "", long_body)});
        client.open(server.base());
        // libcurl itself looks once a second, which would take three times as long.
        const auto response = client.get("/", milliseconds(4000));
        REQUIRE(response);
        const bool is_whole = response->body == long_body;
        CHECK(is_whole);
    }

    TEST_CASE("a redirect is a response like any other") {
        GettingClient client;
        const HttpServer server(
            client.io, {respond(301, "Location: /elsewhere\r\n", "<a href=\"/elsewhere\">")});
        client.open(server.base());
        const auto response = client.get("/");
        REQUIRE(response);
        CHECK(response->status == 301);
        CHECK(server.requests().size() == 1);
    }

    TEST_CASE("a proxy of the environment is not asked") {
        const Environment http_proxy("http_proxy", "http://127.0.0.1:1");
        const Environment all_proxy("ALL_PROXY", "http://127.0.0.1:1");
        GettingClient client;
        const HttpServer server(client.io, {respond(200, "", "direct")});
        client.open(server.base());
        CHECK(client.body("/") == "direct");
    }

    TEST_CASE("one connection serves requests that follow each other") {
        GettingClient client;
        const HttpServer server(client.io, {respond(200, "", "x")});
        client.open(server.base());
        for (int i = 0; i < 20; ++i) REQUIRE(client.body("/") == "x");
        CHECK(server.requests().size() == 20);
        CHECK(server.connections() == 1);
    }

    TEST_CASE("a kept connection that the server closed meanwhile is replaced") {
        GettingClient client;
        const HttpServer server(client.io, {Act(respond(200, "", "x").bytes, Then::close)});
        client.open(server.base());
        for (int i = 0; i < 3; ++i) CHECK(client.body("/") == "x");
        CHECK(server.connections() == 3);
    }

    TEST_CASE("a hundred requests run at once, and their connections are kept") {
        GettingClient client;
        Act act = respond(200, "", "all here");
        act.after_requests = 100;
        const HttpServer server(client.io, {act});
        client.open(server.base());
        Count count;
        std::vector<net::Task> tasks;
        for (int i = 0; i < 100; ++i)
            tasks.push_back(net::spawn(client.io.get_executor(), count_a_get(*client.http, count)));
        run_until(client.io, [&] { return count.good + count.bad == 100; });
        CHECK(count.good == 100);
        CHECK(server.connections() == 100);

        REQUIRE(client.body("/") == "all here");
        CHECK(server.connections() == 100);
    }

    TEST_CASE("after a burst only most_idle connections are kept") {
        GettingClient client;
        Act act = respond(200, "", "all here");
        act.after_requests = 20;
        const HttpServer server(client.io, {act});
        net::HttpOptions options;
        options.base = server.base();
        options.most_idle = 2;
        client.open(std::move(options));
        Count count;
        std::vector<net::Task> tasks;
        for (int i = 0; i < 20; ++i)
            tasks.push_back(net::spawn(client.io.get_executor(), count_a_get(*client.http, count)));
        run_until(client.io, [&] { return count.good == 20; });
        run_until(client.io, [&] { return server.open_connections() <= 2; });
        CHECK(server.connections() == 20);
        REQUIRE(client.body("/") == "all here");
        CHECK(server.connections() == 20);
    }

    TEST_CASE("a UNIX socket as the base") {
        GettingClient client;
        const SocketPath path;
        const HttpServer server(client.io, {respond(200, "", "local")}, path.endpoint());
        client.open("unix://" + path.text());
        CHECK(client.body("/v1/x") == "local");
        CHECK(server.requests()[0].target == "/v1/x");
        CHECK(server.requests()[0].header("Host") == "localhost");
    }

    TEST_CASE("a user and password for a proxy before Consul") {
        GettingClient client;
        const HttpServer server(client.io, {respond(200, "", "x")});
        net::HttpOptions options;
        options.base = server.base();
        options.token = "secret";
        options.auth = "user:pass:word";
        client.open(std::move(options));
        REQUIRE(client.get("/"));
        CHECK(server.requests()[0].header("Authorization") == "Basic dXNlcjpwYXNzOndvcmQ=");
        CHECK(server.requests()[0].header("X-Consul-Token") == "secret");
    }

    TEST_CASE("an IPv6 address as the base") {
        GettingClient client;
        const HttpServer server(client.io, {respond(200, "", "six")}, on_loopback("::1"));
        client.open("http://[::1]:" + std::to_string(server.port()));
        CHECK(client.body("/") == "six");
    }

    TEST_CASE("all but letters, digits and -_.~ is percent-encoded") {
        CHECK(net::percent_encode("Az09-_.~") == "Az09-_.~");
        CHECK(net::percent_encode("a b+c/d?e#f&g=h%") == "a%20b%2Bc%2Fd%3Fe%23f%26g%3Dh%25");
        CHECK(net::percent_encode(std::string("\0\n\x7f", 3)) == "%00%0A%7F");
        CHECK(net::percent_encode("\xc3\xbc") == "%C3%BC");
        CHECK(net::percent_encode("").empty());
    }
}
