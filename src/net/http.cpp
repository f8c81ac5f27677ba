// SPDX-License-Identifier: MIT
#include "slotd/net/http.hpp"

#include "curl_loop.hpp"
#include "explain.hpp"
#include "route.hpp"
#include "slotd/model/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <new>

namespace slotd::net {
namespace {

using model::Error;
using model::ErrorKind;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Once in a process; libcurl counts and never gives it back before the end.
void init_curl() {
    static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (done != CURLE_OK)
        throw std::bad_alloc();
}

constexpr std::size_t long_body = 64U << 10;
constexpr std::size_t very_long_body = 4U << 20;
constexpr std::size_t usual_head = 512;
constexpr std::size_t most_head = 64U << 10;

/// What curl writes into while a transfer runs.
struct Sink {
    HttpResponse response;
    std::size_t most_body;
    bool too_long = false;
    bool no_memory = false;
    std::array<char, CURL_ERROR_SIZE> error{};

    explicit Sink(std::size_t most) : most_body(most) {}

    // Nothing may be thrown through curl's frames.
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* to) {
        auto* sink = static_cast<Sink*>(to);
        const std::size_t length = size * count;
        try {
            return sink->take(data, length) ? length : 0;
        } catch (const std::bad_alloc&) {
            sink->no_memory = true;
            return 0;
        }
    }

    bool take(const char* data, std::size_t length) {
        std::string& body = response.body;
        too_long = body.size() + length > most_body;
        if (too_long)
            return false;
        // Short bodies come in one piece; the room behind spares their parser a copy. Of the room
        // for a long one only what is filled takes memory: one step costs less than doubling.
        if (body.empty())
            body.reserve(length + 64);
        else if (body.size() + length > body.capacity() && body.size() > long_body)
            body.reserve(std::max(body.size() * 2, very_long_body));
        body.append(data, length);
        return true;
    }

    static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                                 void* to) noexcept {
        std::string& head = static_cast<Sink*>(to)->response.head;
        const std::string_view line(data, size * count);
        // A status line begins anew: after a 100 Continue come the headers that count.
        if (line.starts_with("HTTP/")) {
            head.clear();
            head.reserve(usual_head);
        } else if (head.size() + line.size() <= most_head) {
            head += line;
        }
        return line.size();
    }
};

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
    for (std::string_view rest = head; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size() - 1) + 1;
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            model::same_but_for_case(line.substr(0, name.size()), name))
            return trimmed(line.substr(name.size() + 1));
    }
    return {};
}

class HttpClient::Impl {
  public:
    Impl(asio::any_io_executor executor, HttpOptions options)
        : options_(std::move(options)), route_(options_), loop_(std::move(executor)) {
        headers_ = make_headers();
    }

    ~Impl() {
        loop_.take_out_finished();
        for (CURL* easy : idle_) curl_easy_cleanup(easy);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    bool http2 = false;

    asio::awaitable<model::Result<HttpResponse>> perform(HttpRequest request, bool is_post) {
        for (;;) {
            take_token();
            // What curl reads for as long as the transfer runs: a new token makes new ones.
            const std::shared_ptr<curl_slist> headers = headers_;
            const Handle handle(*this);
            Sink sink(options_.most_body);
            set_up(handle.easy, request, sink);
            curl_easy_setopt(handle.easy, CURLOPT_HTTPHEADER, headers.get());
            if (is_post) {
                curl_easy_setopt(handle.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                 static_cast<curl_off_t>(request.body.size()));
                curl_easy_setopt(handle.easy, CURLOPT_POSTFIELDS, request.body.c_str());
            }
            allow_connections();
            Transfer transfer(loop_, handle.easy, request.on_coming);
            co_await loop_.perform(transfer);

            if (transfer.code() != CURLE_OK)
                co_return error(transfer, sink, request);
            take_facts(handle.easy, sink.response);
            if (sink.response.status != 401 && sink.response.status != 403)
                co_return std::move(sink.response);
            take_token();
            if (headers == headers_)
                co_return std::move(sink.response);
        }
    }

  private:
    void take_facts(CURL* easy, HttpResponse& response) {
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response.status);
        long version = 0;
        curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
        http2 = version == CURL_HTTP_VERSION_2_0;
        ever_answered_ = true;
    }

    std::shared_ptr<curl_slist> make_headers() const {
        curl_slist* lines = nullptr;
        const auto add = [&lines](const std::string& line) {
            lines = curl_slist_append(lines, line.c_str());
        };
        if (!options_.token.empty())
            add("X-Consul-Token: " + options_.token);
        if (!route_.host_line().empty())
            add(route_.host_line());
        return {lines, curl_slist_free_all};
    }

    void take_token() {
        if (!options_.token_source.current)
            return;
        std::string token = options_.token_source.current();
        if (token == options_.token)
            return;
        options_.token = std::move(token);
        headers_ = make_headers();
    }

    /// A handle of the pool for one transfer: a fresh one costs twice the CPU of a whole request.
    struct Handle {
        Impl& impl;
        CURL* easy;

        explicit Handle(Impl& impl_) : impl(impl_), easy(impl_.take()) {}
        ~Handle() { impl.idle_.push_back(easy); }
        Handle(const Handle&) = delete;
        Handle& operator=(const Handle&) = delete;
    };

    CURL* take() {
        loop_.take_out_finished();
        if (!idle_.empty()) {
            CURL* easy = idle_.back();
            idle_.pop_back();
            return easy;
        }
        CURL* easy = curl_easy_init();
        if (!easy)
            throw std::bad_alloc();
        idle_.reserve(++handles_);  // giving it back can't fail
        return easy;
    }

    void set_up(CURL* easy, const HttpRequest& request, Sink& sink) const {
        curl_easy_reset(easy);
        curl_easy_setopt(easy, CURLOPT_URL, (route_.url_base() + request.target).c_str());
        route_.set_up(easy);
        curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        // Else removing a transfer joins the thread of a look-up that hangs, and the loop with it.
        curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                         static_cast<long>(options_.connect_timeout.count()));
        curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, sink.error.data());
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Sink::on_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &sink);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Sink::on_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &sink);
    }

    // A blocking query holds its connection over HTTP/1.1; over HTTP/2 Consul takes 250 of them on
    // one, and proxies 100 or more. Without a limit libcurl opens one per transfer as soon as the
    // first is full; with one that is too low, transfers wait for those of before, without a
    // timeout (libcurl 7.88).
    void allow_connections() {
        const auto transfers = static_cast<long>(loop_.running()) + 1;
        const long most = http2 ? transfers / 64 + 2 : transfers + 2;
        curl_multi_setopt(loop_.multi(), CURLMOPT_MAX_HOST_CONNECTIONS, most);
        curl_multi_setopt(loop_.multi(), CURLMOPT_MAX_CONCURRENT_STREAMS, 250L);
        curl_multi_setopt(loop_.multi(), CURLMOPT_MAXCONNECTS,
                          options_.most_idle > 0 ? options_.most_idle : most);
    }

    Error error(const Transfer& transfer, const Sink& sink, const HttpRequest& request) const {
        const CURLcode code = transfer.code();
        if (sink.too_long)
            return Error(ErrorKind::unreadable,
                         "the answer is longer than " + std::to_string(sink.most_body) + " bytes",
                         options_.base);
        if (sink.no_memory)
            return Error(ErrorKind::unreadable, "there is no memory for the answer", options_.base);
        if (transfer.unwatched())
            return Error(ErrorKind::unreachable,
                         "its connection can't be watched: " + transfer.unwatched().message(),
                         options_.base,
                         "see the limits of this process, and `sysctl fs.epoll.max_user_watches`");
        if (code == CURLE_OPERATION_TIMEDOUT) {
            curl_off_t connected = 0;  // after how many microseconds; 0: never
            curl_easy_getinfo(transfer.easy(), CURLINFO_PRETRANSFER_TIME_T, &connected);
            const auto limit = connected > 0 ? request.timeout
                                             : std::min(request.timeout, options_.connect_timeout);
            return Error(ErrorKind::timeout,
                         (connected > 0 ? "no answer within " : "no connection within ") +
                             std::to_string(limit.count()) + " ms",
                         options_.base);
        }
        if (code == CURLE_PARTIAL_FILE)
            return Error(ErrorKind::unreadable, "the answer was cut off", options_.base);
        Failure failure(code, sink.error[0] != '\0' ? sink.error.data() : curl_easy_strerror(code));
        long system_error = 0;
        curl_easy_getinfo(transfer.easy(), CURLINFO_OS_ERRNO, &system_error);
        failure.system_error = static_cast<int>(system_error);
        failure.ever_answered = ever_answered_;
        return explain(failure, options_);
    }

    HttpOptions options_;
    Route route_;
    std::shared_ptr<curl_slist> headers_;
    CurlLoop loop_;
    std::vector<CURL*> idle_;
    std::size_t handles_ = 0;
    bool ever_answered_ = false;
};

HttpClient::HttpClient(asio::any_io_executor executor, HttpOptions options) {
    init_curl();
    impl_ = std::make_unique<Impl>(std::move(executor), std::move(options));
}

HttpClient::~HttpClient() = default;

bool HttpClient::has_http2() const {
    return impl_->http2;
}

void HttpClient::set_http2(bool has_http2) {
    impl_->http2 = has_http2;
}

asio::awaitable<model::Result<HttpResponse>> HttpClient::get(HttpRequest request) {
    return impl_->perform(std::move(request), false);
}

asio::awaitable<model::Result<HttpResponse>> HttpClient::post(HttpRequest request) {
    return impl_->perform(std::move(request), true);
}

}  // namespace slotd::net
