// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/config.hpp"
#include "slotd/app/options.hpp"
#include "slotd/app/token_file.hpp"
#include "slotd/model/error.hpp"
#include "slotd/net/http.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slotd::app {

/// The value of an environment variable; none when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

Environment process_environment();

/// Everything that the work needs to know: options over environment over file over defaults.
struct Setup {
    net::HttpOptions http;
    std::shared_ptr<TokenFile> token_file;  ///< that `http` asks; null: there is none
    catalog::Scope scope;
    AdminSettings admin;
    sync::Settings work;
    std::optional<file::Settings> file;  ///< none: slotd manages no file
    std::vector<model::Error> warnings;  ///< to be said at every start
};

/// Every fault is in `errors`; then `setup` must not be used.
struct SetupReading {
    Setup setup;
    std::vector<model::Error> errors;
    std::string file;                          ///< the configuration file; empty: none was read
    std::vector<model::Error> without_effect;  ///< what it says and something else beats
};

/// The file of a missing `--config` option is read when it is there.
inline constexpr const char* default_config_file = "/etc/slotd/slotd.toml";

SetupReading make_setup(const Options& options, const Environment& environment,
                        const std::string& default_file = default_config_file);

}  // namespace slotd::app
