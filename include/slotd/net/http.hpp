// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace slotd::net {

/// A token that may change. It is asked for before each request, and after one that was refused
/// (401 or 403): when it is another by then, the request is made again with it.
struct TokenSource {
    std::string name;  ///< by which sources are told apart: a file's path
    std::function<std::string()> current;

    TokenSource() = default;
    bool operator==(const TokenSource& other) const { return name == other.name; }
};

/// Of an https:// base. The files are PEM; they are read again for each connection.
struct TlsOptions {
    std::string ca_file;  ///< the authorities to trust; neither this nor `ca_path`: the system's
    std::string ca_path;  ///< a folder of them, named by their hashes
    std::string client_cert;  ///< empty: none is shown
    std::string client_key;
    std::string server_name;  ///< for SNI and the certificate; empty: the base's host
    bool verify = true;

    TlsOptions() = default;
    bool operator==(const TlsOptions&) const = default;
};

/// What all requests of a client share.
struct HttpOptions {
    std::string base;          ///< "http://127.0.0.1:8500", "https://...", or "unix:///path"
    std::string token;         ///< sent as X-Consul-Token, never in a URL or a message; empty: none
    TokenSource token_source;  ///< when it has `current`, that beats `token`
    std::string auth;          ///< "user:password" of HTTP's basic scheme; empty: none
    TlsOptions tls;
    std::string user_agent;             ///< "slotd/0.1.0"
    std::size_t most_body = 64u << 20;  ///< a longer body is an error
    std::chrono::milliseconds connect_timeout{3000};
    long most_idle = 0;  ///< connections kept after a burst; 0: as many as had requests at once

    HttpOptions() = default;
    bool is_tls() const { return base.starts_with("https://"); }
    bool is_unix() const { return base.starts_with("unix://"); }
    bool has_token() const { return !token.empty() || token_source.current; }
    bool operator==(const HttpOptions&) const = default;
};

/// What is wrong with a base of http:// or https://, in a few words; empty: nothing. A path is
/// allowed.
std::string fault_of_base(const std::string& base);

struct HttpRequest {
    std::string target;  ///< path and query, percent-encoded: "/v1/health/service/web?wait=60s"
    std::chrono::milliseconds timeout;  ///< for the whole, connecting included
    std::string body;                   ///< of a POST
    /// Called when the response may have begun to arrive, before it is read, from within the
    /// client: it must not use it.
    std::function<void()> on_coming;

    HttpRequest(std::string target_, std::chrono::milliseconds timeout_)
        : target(std::move(target_)), timeout(timeout_) {}
};

struct HttpResponse {
    long status = 0;
    std::string head;  ///< the header lines, as they came
    std::string body;

    HttpResponse() = default;
    /// The first header of that name, compared without case; empty when there is none.
    std::string_view header(std::string_view name) const;
};

/// Requests over kept connections, on libcurl's multi interface inside the asio loop. Not thread
/// safe; outlives its requests.
class HttpClient {
  public:
    HttpClient(asio::any_io_executor executor, HttpOptions options);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Any status is a response. An error (unreachable, timeout, unreadable) says what libcurl said
    /// and the address. When the awaiting coroutine is cancelled or destroyed the transfer ends
    /// with it.
    asio::awaitable<model::Result<HttpResponse>> get(HttpRequest request);
    asio::awaitable<model::Result<HttpResponse>> post(HttpRequest request);

    /// Whether the last response came over HTTP/2, or another client of the same server knows that:
    /// many requests then share a few connections. A client learns it from its responses only,
    /// which those of blocking queries are too late for.
    bool has_http2() const;
    void set_http2(bool has_http2);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Percent-encodes everything but `A-Za-z0-9-_.~`.
std::string percent_encode(std::string_view text);

}  // namespace slotd::net
