// SPDX-License-Identifier: MIT
#include "route.hpp"

#include <cctype>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>

namespace slotd::net {
namespace {

constexpr std::string_view unix_scheme = "unix://";

// A peer that vanished without a word. An HTTP/1.1 connection goes with the request that times out;
// an HTTP/2 one would be used on until the kernel gives up, after a quarter of an hour.
constexpr unsigned unacknowledged_ms = 20'000;

int set_socket_options(void*, curl_socket_t socket, curlsocktype) {
    // In vain on a UNIX socket, which needs none.
    static_cast<void>(setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms,
                                 sizeof unacknowledged_ms));
    return CURL_SOCKOPT_OK;
}

const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

/// The parts of a URL.
class Url {
  public:
    explicit Url(const std::string& text)
        : url_(curl_url()), code_(curl_url_set(url_, CURLUPART_URL, text.c_str(), 0)) {}
    ~Url() { curl_url_cleanup(url_); }
    Url(const Url&) = delete;
    Url& operator=(const Url&) = delete;

    /// Empty when there is none.
    std::string get(CURLUPart part, unsigned flags = 0) const {
        char* text = nullptr;
        if (curl_url_get(url_, part, &text, flags) != CURLUE_OK)
            return {};
        std::string copy = text;
        curl_free(text);
        return copy;
    }

    /// Why it is none; empty: it is one.
    std::string fault() const {
        if (code_ == CURLUE_OK)
            return {};
        std::string words = curl_url_strerror(code_);
        words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
        return words;
    }

    void set(CURLUPart part, const std::string& text) { curl_url_set(url_, part, text.c_str(), 0); }

  private:
    CURLU* url_;
    CURLUcode code_;
};

}  // namespace

std::string fault_of_base(const std::string& base) {
    const Url url(base);
    if (std::string fault = url.fault(); !fault.empty())
        return fault;
    if (base.find_first_of("?#") != std::string::npos)
        return "it ends with its path: \"?\" and \"#\" have no place in it";
    if (url.get(CURLUPART_PORT) == "0")
        return "nobody listens on port 0";
    return {};
}

Route::Route(const HttpOptions& options)
    : options_(options.tls),
      auth_(options.auth),
      url_base_(options.base),
      tls_(options.is_tls()),
      connect_to_(nullptr, curl_slist_free_all) {
    if (options.is_unix()) {
        unix_path_ = url_base_.substr(unix_scheme.size());
        url_base_ = "http://localhost";
    }
    while (!url_base_.empty() && url_base_.back() == '/') url_base_.pop_back();
    if (tls_ && !options_.server_name.empty())
        take_server_name();
}

void Route::take_server_name() {
    Url url(url_base_);
    const std::string host = url.get(CURLUPART_HOST);
    const std::string port = url.get(CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (host.empty())
        return;
    host_line_ = "Host: " + host + ":" + port;
    const std::string redirection = options_.server_name + ":" + port + ":" + host + ":" + port;
    connect_to_.reset(curl_slist_append(nullptr, redirection.c_str()));
    url.set(CURLUPART_HOST, options_.server_name);
    url_base_ = url.get(CURLUPART_URL);
    while (url_base_.ends_with('/')) url_base_.pop_back();
}

void Route::set_up(CURL* easy) const {
    if (!unix_path_.empty())
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, unix_path_.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // A proxy of the environment is for the web, not for the agent.
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &set_socket_options);
    if (!auth_.empty()) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERPWD, auth_.c_str());
    }
    if (tls_)
        set_up_tls(easy);
    else
        // Without TLS there is no HTTP/2 (Consul refuses it), and libcurl would learn that from the
        // first response only: behind a blocking query all others would wait for its end.
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

void Route::set_up_tls(CURL* easy) const {
    // Which of the two it is, the handshake tells, so nobody waits for a response to learn it.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    if (connect_to_)
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
    if (!options_.verify) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!options_.ca_file.empty() || !options_.ca_path.empty()) {
        // What one of them leaves alone stays with the system's authorities, built into libcurl.
        curl_easy_setopt(easy, CURLOPT_CAINFO, or_null(options_.ca_file));
        curl_easy_setopt(easy, CURLOPT_CAPATH, or_null(options_.ca_path));
        // Else a file that was replaced is read again after a day only.
        curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    }
    curl_easy_setopt(easy, CURLOPT_SSLCERT, or_null(options_.client_cert));
    curl_easy_setopt(easy, CURLOPT_SSLKEY, or_null(options_.client_key));
    // Else OpenSSL asks the terminal for the passphrase of a key that has one.
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
}

}  // namespace slotd::net
