// SPDX-License-Identifier: MIT
// The configuration file.
#include "slotd/app/config.hpp"
#include "slotd/model/names.hpp"

#include "fuzz.hpp"

using namespace slotd;

void fuzz(std::string_view input) {
    const app::ConfigReading reading = app::parse_config(input, "slotd.toml");
    for (const model::Error& error : reading.errors) {
        check(is_one_line(to_string(error)), "an error can be printed");
        check(error.where.starts_with("slotd.toml"), "an error names the file");
    }
    if (!reading.errors.empty())
        return;
    check(reading.config.work.poll.count() >= 50, "values are within their bounds");
    check(reading.config.consul.scope.wait.count() >= 1, "a wait of 0 means 5 minutes to Consul");
    for (const auto& [name, backend] : reading.config.work.backends)
        check(model::is_haproxy_name(name) && backend.policy.large_removal <= 100,
              "a backend has a name of HAProxy's");
}
