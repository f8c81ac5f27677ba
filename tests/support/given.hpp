// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/setup.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// What a setup is made of.
struct Given {
    app::Options options;
    std::map<std::string, std::string> environment;
    std::string default_file = "/no/such/slotd.toml";

    Given() { options.sockets = {"/run/a.sock"}; }

    app::SetupReading read() const {
        const auto look_up = [this](const char* name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            if (found == environment.end())
                return std::nullopt;
            return found->second;
        };
        return app::make_setup(options, look_up, default_file);
    }

    app::Setup setup() const {
        app::SetupReading reading = read();
        for (const model::Error& error : reading.errors) FAIL_CHECK(to_string(error));
        return std::move(reading.setup);
    }

    std::vector<std::string> errors() const { return lines_of(read().errors); }
    std::vector<std::string> warnings() const { return lines_of(setup().warnings); }

  private:
    static std::vector<std::string> lines_of(const std::vector<model::Error>& errors) {
        std::vector<std::string> lines;
        for (const model::Error& error : errors) lines.push_back(to_string(error));
        return lines;
    }
};

}  // namespace slotd::testing
