// SPDX-License-Identifier: MIT
#include "slotd/app/check/finding.hpp"

#include "words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace slotd::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t level_width = 9;

struct Counts {
    std::array<std::size_t, 3> of{};

    explicit Counts(const Findings& findings) {
        for (const Finding& finding : findings) ++of[static_cast<std::size_t>(finding.level)];
    }
    std::size_t operator[](Level level) const { return of[static_cast<std::size_t>(level)]; }
};

}  // namespace

std::string_view to_string(Level level) {
    switch (level) {
        case Level::ok:
            return "ok";
        case Level::warning:
            return "warning";
        case Level::failure:
            return "failure";
    }
    return {};
}

std::string_view to_string(Area area) {
    switch (area) {
        case Area::configuration:
            return "configuration";
        case Area::consul:
            return "consul";
        case Area::service:
            return "service";
        case Area::key:
            return "key";
        case Area::haproxy:
            return "haproxy";
        case Area::backend:
            return "backend";
        case Area::state_file:
            return "state-file";
        case Area::file:
            return "file";
    }
    return {};
}

Finding failure(Area area, Code code, const model::Error& error, std::string where) {
    return Finding(Level::failure, area, code, error.where.empty() ? std::move(where) : error.where,
                   error.what, error.hint);
}

std::string to_string(const Finding& finding) {
    std::string text(to_string(finding.level));
    text.resize(level_width, ' ');
    text += to_string(finding.area);
    if (!finding.where.empty())
        text += " " + finding.where;
    text += ": " + finding.what;
    if (!finding.hint.empty())
        text += " (" + finding.hint + ")";
    return text;
}

std::string findings_text(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings) text += to_string(finding) + "\n";
    const Counts counts(findings);
    return text + count(counts[Level::failure], "failure") + ", " +
           count(counts[Level::warning], "warning") + ", " + std::to_string(counts[Level::ok]) +
           " ok\n";
}

std::string findings_json(const Findings& findings) {
    Json list = Json::array();
    for (const Finding& finding : findings)
        list.push_back({{"level", to_string(finding.level)},
                        {"area", to_string(finding.area)},
                        {"code", to_string(finding.code)},
                        {"where", finding.where},
                        {"what", finding.what},
                        {"hint", finding.hint}});
    const Counts counts(findings);
    const Json document = {{"version", SLOTD_VERSION},
                           {"failures", counts[Level::failure]},
                           {"warnings", counts[Level::warning]},
                           {"ok", counts[Level::ok]},
                           {"findings", list}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int exit_code(const Findings& findings) {
    int code = 0;
    for (const Finding& finding : findings)
        if (finding.level == Level::failure)
            code = std::max(code, finding.area == Area::configuration ? 2 : 1);
    return code;
}

}  // namespace slotd::app
