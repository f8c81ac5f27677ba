// SPDX-License-Identifier: MIT
#include "control.hpp"

#include "json.hpp"
#include "slotd/model/duration.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace slotd::admin {
namespace {

using sync::Pauses;

Response failed(const model::Error& error) {
    // What a client may not ask now, and what slotd could not do.
    return Response(error.kind == model::ErrorKind::usage ? 409 : 500, to_string(error));
}

void add_backend(Json& json, const std::string& backend) {
    json.open('{').key("backend");
    if (backend == Pauses::all)
        json.null();
    else
        json.text(backend);
}

}  // namespace

bool has_backend(const sync::Status& status, const std::string& name) {
    return std::any_of(status.backends.begin(), status.backends.end(),
                       [&](const sync::BackendStatus& one) { return one.name == name; });
}

Response no_such_backend(const std::string& name) {
    return Response(404, "slotd has no backend \"" + model::printable(name) + "\" with slots");
}

Response pause(const Parts& parts, const Request& request) {
    const std::string* named = request.parameter("backend");
    if (named && !has_backend(parts.status(sync::Detail::counts), *named))
        return no_such_backend(*named);
    const std::string backend = named ? *named : std::string(Pauses::all);
    std::optional<model::WallTime> until;
    if (const std::string* text = request.parameter("for")) {
        const auto time = model::parse_duration(*text);
        if (!time || time->count() == 0)
            return Response(400, "\"" + model::printable(*text) +
                                     "\" is no time for a pause: \"90s\", \"30m\" or \"2h\" is one");
        until = std::chrono::system_clock::now() + *time;
    }
    const auto done = parts.pauses->pause(backend, until);
    if (!done)
        return failed(done.error());
    Json json;
    add_backend(json, backend);
    json.key("paused").boolean(true).key("until").time(until);
    json.key("kept").boolean(parts.keeps_pauses).close('}');
    return Response::json(json.take() + "\n");
}

Response resume(const Parts& parts, const Request& request) {
    const std::string* named = request.parameter("backend");
    const std::string backend = named ? *named : std::string(Pauses::all);
    const auto done = parts.pauses->resume(backend);
    if (!done)
        return failed(done.error());
    Json json;
    add_backend(json, backend);
    json.key("paused").boolean(false).close('}');
    return Response::json(json.take() + "\n");
}

Response set_log_level(const Parts& parts, const Request& request) {
    const std::string* word = request.parameter("level");
    const auto level = word ? sync::parse_log_level(*word) : std::nullopt;
    if (!level)
        return Response(400, "level is one of trace, debug, info, warn, error, off");
    // Said at the level that shows it, before or after.
    const std::string line = "the log's level is " + *word + " now, by the admin socket";
    if (*level > parts.log->level())
        parts.log->info(line);
    const bool louder = *level < parts.log->level();
    parts.log->set_level(*level);
    if (louder)
        parts.log->info(line);
    Json json;
    json.open('{').key("level").text(*word).close('}');
    return Response::json(json.take() + "\n");
}

}  // namespace slotd::admin
