// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "session.hpp"
#include "slotd/app/admin_access.hpp"
#include "slotd/net/http.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <functional>
#include <utility>

// The commands that change something in the running slotd.

namespace slotd::app {
namespace {

using Answer = nlohmann::json;

std::string with_parameter(std::string target, const char* name, const std::string& value) {
    if (value.empty())
        return target;
    target += target.find('?') == std::string::npos ? '?' : '&';
    return target + name + "=" + net::percent_encode(value);
}

/// Sends it and prints what the answer means.
int steer(const Options& options, const std::string& target,
          const std::function<std::string(const Answer&)>& meaning) {
    AdminPlacesReading reading = admin_places(options, default_config_file);
    for (const model::Error& error : reading.errors) print(error);
    if (!reading.errors.empty())
        return exit_code(reading.errors);
    asio::io_context io{1};
    const auto body = AdminAccess(io, std::move(reading.places)).post(target);
    if (!body) {
        print(body.error());
        return exit_code(body.error());
    }
    try {
        std::printf("%s\n", meaning(Answer::parse(*body)).c_str());
        return 0;
    } catch (const Answer::exception& error) {
        const model::Error strange(
            model::ErrorKind::unreadable,
            std::string("slotd's answer is not understood: ") + error.what(), {},
            "is it a slotd of this version that answers there? `slotd status` tells what holds");
        print(strange);
        return exit_code(strange);
    }
}

std::string pause_text(const Options& options, const Answer& answer) {
    const bool of_all = options.backend.empty();
    const std::string resume = "`slotd resume" + (of_all ? "" : " " + options.backend) + "`";
    std::string text = (of_all ? "all backends are" : options.backend + " is") + " paused until ";
    const Answer& until = answer.at("until");
    text += until.is_null() ? resume : until.get<std::string>() + " or " + resume;
    text += ": slotd watches on and changes nothing";
    if (!answer.at("kept").get<bool>())
        text +=
            "\na slotd that is started again forgets this: `state_dir` in [admin] would keep it";
    return text;
}

std::string resume_text(const Options& options, const Answer& answer) {
    (void)answer.at("paused");
    return options.backend.empty() ? "no backend is paused" : options.backend + " is not paused";
}

}  // namespace

int pause(const Options& options) {
    const std::string target = with_parameter("/v1/pause", "backend", options.backend);
    return steer(options, with_parameter(target, "for", options.pause_for),
                 [&](const Answer& answer) { return pause_text(options, answer); });
}

int resume(const Options& options) {
    return steer(options, with_parameter("/v1/resume", "backend", options.backend),
                 [&](const Answer& answer) { return resume_text(options, answer); });
}

int log_level(const Options& options) {
    return steer(options, with_parameter("/v1/log-level", "level", options.level),
                 [](const Answer& answer) {
                     return "the log's level is " + answer.at("level").get<std::string>() +
                            ", until slotd ends";
                 });
}

}  // namespace slotd::app
