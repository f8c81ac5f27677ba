// SPDX-License-Identifier: MIT
#include "slotd/admin/routes.hpp"

#include "control.hpp"
#include "number.hpp"
#include "page.hpp"
#include "slotd/admin/hosts.hpp"
#include "slotd/admin/metrics_text.hpp"
#include "slotd/admin/status_json.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <chrono>

namespace slotd::admin {
namespace {

// Those who ask for metrics often share a text, so that making them takes no more than a hundredth
// of slotd's time.
constexpr int metrics_rest = 100;

std::uint64_t milliseconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Response page() {
    Response response;
    response.type = "text/html; charset=utf-8";
    response.body = page_html;
    response.security_policy = page_policy;
    return response;
}

// Whether the client asks for a stream; a browser's EventSource does, by this type alone.
bool wants_stream(const Request& request) {
    const std::string* accept = request.header("accept");
    return accept && accept->find("text/event-stream") != std::string::npos;
}

Response unknown_path(const std::string& paths) {
    return Response(404, "there is nothing here; there are " + paths);
}

}  // namespace

struct Routes::Route {
    std::string_view path;
    bool changes;
    std::vector<std::string_view> parameters;
    Answer (*answer)(Routes&, const Request&);
};

const std::vector<Routes::Route>& Routes::table() {
    static const std::vector<Route> routes{
        {"/", false, {}, [](Routes&, const Request&) -> Answer { return page(); }},
        {"/metrics", false, {}, [](Routes& r, const Request&) { return r.metrics(); }},
        {"/healthz", false, {}, [](Routes&, const Request&) -> Answer { return Response(200, "ok"); }},
        {"/readyz", false, {}, [](Routes& r, const Request&) { return r.readyz(); }},
        {"/v1/status", false, {"backend"}, [](Routes& r, const Request& q) { return r.status(q); }},
        {"/v1/events",
         false,
         {"after"},
         [](Routes& r, const Request& q) { return r.events_after(q); }},
        {"/v1/pause",
         true,
         {"backend", "for"},
         [](Routes& r, const Request& q) -> Answer { return pause(r.parts_, q); }},
        {"/v1/resume",
         true,
         {"backend"},
         [](Routes& r, const Request& q) -> Answer { return resume(r.parts_, q); }},
        {"/v1/log-level",
         true,
         {"level"},
         [](Routes& r, const Request& q) -> Answer { return set_log_level(r.parts_, q); }},
    };
    return routes;
}

Routes::Routes(Parts parts) : parts_(std::move(parts)), stream_text_(milliseconds_now()) {}

Answer Routes::answer(const Request& request, Way way) {
    // No browser leaves Host out; HAProxy's own health check does, with HTTP/1.0.
    const std::string* host = request.header("host");
    if (way == Way::tcp && host && !is_local_host(*host))
        return Response(403, "the Host header must name this machine: localhost or 127.0.0.1");
    std::string paths;
    const Route* route = nullptr;
    for (const Route& one : table()) {
        paths += (paths.empty() ? "" : ", ") + std::string(one.path);
        if (one.path == request.path)
            route = &one;
    }
    if (!route)
        return unknown_path(paths);
    const std::string_view method = request.method;
    if (route->changes ? method != "POST" : method != "GET" && method != "HEAD") {
        const std::string allow = route->changes ? "POST" : "GET, HEAD";
        Response response(405, "the methods are " + allow);
        response.allow = allow;
        return response;
    }
    if (route->changes && way == Way::tcp)
        return Response(403, "nothing can be changed over TCP: use the UNIX socket that [admin] "
                             "listen names");
    for (const auto& [name, unused] : request.query)
        if (std::find(route->parameters.begin(), route->parameters.end(), name) ==
            route->parameters.end())
            return Response(400, std::string(route->path) + " has no parameter \"" +
                                     model::printable(name) + "\"");
    return route->answer(*this, request);
}

std::vector<std::string> Routes::not_ready(const sync::Status& status) {
    if (was_ready_)
        return {};
    std::vector<std::string> reasons = sync::reasons_not_ready(status);
    was_ready_ = reasons.empty();
    return reasons;
}

Answer Routes::metrics() {
    const auto began = std::chrono::steady_clock::now();
    if (began >= metrics_good_until_) {
        const sync::Status status = parts_.status(sync::Detail::counts);
        metrics_text_ = std::make_shared<const std::string>(
            metrics_text(status, *parts_.metrics, not_ready(status).empty(), usage_now()));
        const auto end = std::chrono::steady_clock::now();
        metrics_good_until_ = end + (end - began) * metrics_rest;
    }
    Response response;
    response.type = "text/plain; version=0.0.4; charset=utf-8";
    response.shared = metrics_text_;
    return response;
}

Answer Routes::readyz() {
    std::vector<std::string> reasons;
    if (!was_ready_)
        reasons = not_ready(parts_.status(sync::Detail::counts));
    if (reasons.empty())
        return Response(200, "ready");
    Response response(503, reasons.front());
    for (std::size_t i = 1; i < reasons.size(); ++i) response.body += reasons[i] + "\n";
    return response;
}

Answer Routes::status(const Request& request) {
    const sync::Status status = parts_.status(sync::Detail::slots);
    const std::string* backend = request.parameter("backend");
    if (!backend)
        return Response::json(status_json(status, not_ready(status)));
    if (!has_backend(status, *backend))
        return no_such_backend(*backend);
    return Response::json(status_json(status, not_ready(status), *backend));
}

Answer Routes::events_after(const Request& request) const {
    std::optional<std::uint64_t> after = 0;
    if (const std::string* text = request.parameter("after"))
        after = parse_number(*text);
    if (!after)
        return Response(400, "after is the number of an event");
    const bool stream = wants_stream(request);
    if (const std::string* id = request.header("last-event-id"); id && stream)
        after = stream_text_.read_id(*id);
    if (!after)
        return Response(400, "Last-Event-ID is none of this stream's");
    // A number that was not given yet is of a slotd before this one.
    const std::uint64_t last = parts_.events->last();
    const std::uint64_t from = *after > last ? 0 : *after;
    if (stream)
        return StreamAfter{from};
    constexpr std::size_t all = 1'000'000;
    return Response::json(events_json(parts_.events->since(from, all), last));
}

}  // namespace slotd::admin
