// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/admin/listen_address.hpp"
#include "slotd/catalog/query.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/model/error.hpp"
#include "slotd/net/http.hpp"
#include "slotd/sync/settings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace slotd::app {

/// How to reach Consul.
struct ConsulSettings {
    std::string address = "http://127.0.0.1:8500";  ///< http://, https:// or unix:///path
    std::string token;
    std::string token_file;  ///< beats `token`
    net::TlsOptions tls;
    catalog::Scope scope;
};

/// Where a running slotd is seen and steered, and what outlives it.
struct AdminSettings {
    std::vector<admin::ListenAddress> listen;
    std::string state_dir;  ///< empty: nothing outlives it
};

/// The configuration file on top of the defaults.
struct Config {
    ConsulSettings consul;
    AdminSettings admin;
    sync::Settings work;
    std::optional<file::Settings> file;  ///< none: slotd manages no file
};

/// A TOML value that a key may have; `std::monostate` for those that none has.
using Value =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// A key of the configuration file: the parser and every document read these tables.
template <typename Target>
struct Key {
    std::string_view table;  ///< "consul", "haproxy"; "backend" also for [defaults]
    std::string_view name;
    std::string_view fallback;  ///< what holds without it, as it would be written
    std::string_view help;
    /// Takes the value, or says how it should look; empty: all is well.
    std::string (*take)(Target& target, const Value& value);
    std::string_view example = {};  ///< as it would be written, where `fallback` shows little
};

std::span<const Key<Config>> config_keys();
std::span<const Key<sync::BackendSettings>> backend_keys();
std::span<const Key<file::Settings>> file_keys();

struct Section {
    std::string_view name;   ///< as it stands in the brackets: "consul", "backend.NAME"
    std::string_view table;  ///< the `Key::table` of what it may hold
    std::string_view help;
};

std::span<const Section> sections();

/// Every fault is in `errors`, with file, line and column; then `config` must not be used.
struct ConfigReading {
    Config config;
    std::vector<model::Error> errors;
    /// Of each key that was taken, "consul.address" say: file, line and column of its value.
    std::map<std::string, std::string> places;
};

/// `path` is for the messages.
ConfigReading parse_config(std::string_view text, const std::string& path);
ConfigReading read_config(const std::string& path);

}  // namespace slotd::app
