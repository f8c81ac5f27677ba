// SPDX-License-Identifier: MIT
#include "../state_dir.hpp"
#include "commands.hpp"
#include "session.hpp"
#include "slotd/app/plan_text.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/sync/once.hpp"
#include "slotd/sync/survey.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

namespace slotd::app {
namespace {

constexpr int something_to_send = 10;

void print_holds(const sync::Survey& survey) {
    for (const model::Error& problem : survey.problems) print(problem);
    for (const sync::Surveyed& group : survey.groups)
        if (group.held && sync::is_failure(*group.held))
            print(model::Error(
                model::ErrorKind::unreachable,
                "held (" + std::string(to_string(group.held->doubt)) + "): " + group.held->detail,
                "backend " + group.key.backend.text()));
}

std::string text_of(const Options& options, const std::vector<Planned>& all) {
    if (options.format == OutputFormat::json)
        return plan_json(all);
    std::string text;
    for (const Planned& planned : all)
        text += options.commands_only ? plan_commands(planned) : plan_text(planned);
    return text;
}

std::optional<model::Error> contradiction(const Options& options, const Setup& setup) {
    if (!options.commands_only)
        return std::nullopt;
    if (options.format == OutputFormat::json)
        return model::Error(model::ErrorKind::usage, "a JSON document holds more than commands",
                            "--commands-only", "leave it or `--format json` out");
    if (setup.work.sockets.size() > 1)
        return model::Error(model::ErrorKind::usage,
                            "the commands of several HAProxys can't go to one socket",
                            "--commands-only", "name one with --socket");
    return std::nullopt;
}

}  // namespace

int plan(const Options& options, Setup setup) {
    if (const auto error = contradiction(options, setup)) {
        print(*error);
        return exit_code(*error);
    }
    for (const model::Error& warning : setup.warnings) print_warning(warning);
    Session session(setup);
    sync::Pauses pauses(session.io.get_executor(), in_state_dir(setup.admin.state_dir, "pauses"));
    const auto known = pauses.peek();
    if (!known)
        print(known.error());
    std::vector<Planned> all;
    int worst = known ? 0 : 1;
    for (const net::SocketAddress& socket : setup.work.sockets) {
        const auto runtime = haproxy::socket_runtime(session.io.get_executor(), socket);
        auto survey = wait_for(session.io,
                               sync::survey(*runtime, *session.source, setup.work, steady_clock()));
        if (!survey) {
            print(survey.error());
            worst = exit_code(survey.error());
            continue;
        }
        sync::withhold(*survey, pauses);
        print_holds(*survey);
        if (!sync::is_well(*survey))
            worst = 1;
        all.emplace_back(socket.text(), *std::move(survey));
    }
    std::fputs(text_of(options, all).c_str(), stdout);
    const bool sends = std::any_of(all.begin(), all.end(), [](const Planned& planned) {
        return !planned.addresses().empty() || !planned.changes().empty();
    });
    return worst == 0 && options.exit_code && sends ? something_to_send : worst;
}

}  // namespace slotd::app
