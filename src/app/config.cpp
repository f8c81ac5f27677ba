// SPDX-License-Identifier: MIT
#include "slotd/app/config.hpp"

#include "listing.hpp"
#include "slotd/catalog/query.hpp"
#include "slotd/model/names.hpp"
#include "slotd/model/slot_name.hpp"
#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <utility>

namespace slotd::app {
namespace {

using model::Error;
using model::ErrorKind;

Value value_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::boolean:
            return node.as_boolean()->get();
        case toml::node_type::integer:
            return node.as_integer()->get();
        case toml::node_type::floating_point:
            return node.as_floating_point()->get();
        case toml::node_type::string:
            return node.as_string()->get();
        case toml::node_type::array: {
            std::vector<std::string> texts;
            for (const toml::node& one : *node.as_array()) {
                if (!one.is_string())
                    return {};
                texts.push_back(one.as_string()->get());
            }
            return texts;
        }
        default:
            return {};
    }
}

std::string type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "this list";
        case toml::node_type::string:
            return "\"" + model::printable(node.as_string()->get(), 100) + "\"";
        case toml::node_type::integer:
            return std::to_string(node.as_integer()->get());
        case toml::node_type::floating_point:
            return "a number with a fraction";
        case toml::node_type::boolean:
            return node.as_boolean()->get() ? "true" : "false";
        default:
            return "a date or time";
    }
}

std::string names_of(const auto& keys, std::string_view table) {
    std::string names;
    for (const auto& key : keys)
        if (key.table == table)
            names += (names.empty() ? "" : ", ") + std::string(key.name);
    return names;
}

std::string names_of_sections() {
    std::vector<std::string> names;
    for (const Section& section : sections())
        names.push_back("[" + std::string(section.name) + "]");
    return listing(names, " and ");
}

class Reader {
  public:
    explicit Reader(const std::string& path) : path_(model::printable(path, 300)) {}

    void read(std::string_view text) {
        toml::table document;
        try {
            document = toml::parse(text, path_);
        } catch (const toml::parse_error& error) {
            fail(error.source().begin, model::printable(error.description(), 300),
                 "the file is TOML: name = \"text\", under [section] lines");
            return;
        }
        // [defaults] first, wherever it stands: every backend starts from it.
        if (const toml::node* defaults = document.get("defaults"))
            read_defaults(*defaults);
        for (const auto& [key, node] : document) read_section(key, node);
    }

    ConfigReading take() { return std::move(reading_); }

    void fail(const toml::source_position& at, std::string what, std::string hint) {
        reading_.errors.emplace_back(ErrorKind::config, std::move(what), place(at),
                                     std::move(hint));
    }

  private:
    std::string place(const toml::source_position& at) const {
        if (at.line == 0)
            return path_;
        return path_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    }

    void read_section(const toml::key& key, const toml::node& node) {
        const std::string name(key.str());
        if (name == "defaults")
            return;
        if (name == "backend") {
            read_backends(node);
            return;
        }
        const auto known = sections();
        const auto section = std::find_if(known.begin(), known.end(),
                                          [&](const Section& one) { return one.table == name; });
        if (section == known.end()) {
            fail(key.source().begin, "unknown section [" + model::printable(name) + "]",
                 "the sections are " + names_of_sections());
            return;
        }
        if (name == "kv") {
            read_kv(node);
            return;
        }
        if (name == "file")
            read_table(name, node, name, file_keys(), reading_.config.file.emplace());
        else
            read_table(name, node, name, config_keys(), reading_.config);
    }

    void read_defaults(const toml::node& node) {
        sync::BackendSettings& defaults = reading_.config.work.defaults;
        read_table("defaults", node, "backend", backend_keys(), defaults);
        if (!defaults.kv.empty() && !check_alone("defaults", node, defaults))
            defaults.kv.clear();  // or each backend would have the same fault
    }

    void read_backends(const toml::node& node) {
        const toml::table* backends = node.as_table();
        if (!backends) {
            fail(node.source().begin, "backend must be a table, not " + type_name(node),
                 "write [backend.NAME]");
            return;
        }
        for (const auto& [key, backend] : *backends) {
            const std::string name(key.str());
            if (!model::is_haproxy_name(name)) {
                fail(key.source().begin,
                     "\"" + model::printable(name) + "\" is no name HAProxy gives a backend",
                     "letters, digits and -_.: only");
                continue;
            }
            sync::BackendSettings settings = reading_.config.work.defaults;
            read_table("backend." + name, backend, "backend", backend_keys(), settings);
            if (!settings.kv.empty())
                check_alone("backend." + name, backend, settings);
            reading_.config.work.backends.emplace(name, std::move(settings));
        }
    }

    // What chooses among the instances of a service says nothing of a list.
    bool check_alone(const std::string& section, const toml::node& node,
                     const sync::BackendSettings& settings) {
        const toml::node* kv = node.is_table() ? node.as_table()->get("kv") : nullptr;
        const std::pair<const char*, bool> others[] = {{"service", !settings.service.empty()},
                                                       {"tags", !settings.tags.empty()},
                                                       {"filter", !settings.filter.empty()}};
        bool is_alone = true;
        for (const auto& [other, is_there] : others) {
            if (!is_there)
                continue;
            is_alone = false;
            fail((kv ? *kv : node).source().begin,
                 section + ": kv and " + other + " can't both choose what it follows",
                 section == "defaults" ? "leave one of them out"
                                       : "leave one of them out; where it is of [defaults], write "
                                         "it empty in [" +
                                             section + "]");
        }
        return is_alone;
    }

    // Its keys are names of the operator's.
    void read_kv(const toml::node& node) {
        const toml::table* names = node.as_table();
        if (!names) {
            fail(node.source().begin, "kv must be a table, not " + type_name(node), "write [kv]");
            return;
        }
        const auto keys = config_keys();
        const auto form = std::find_if(keys.begin(), keys.end(),
                                       [](const Key<Config>& key) { return key.table == "kv"; });
        for (const auto& [key, value] : *names) {
            const std::string name(key.str());
            if (const auto host = format_slot_name(model::NamesKv{name}); !host)
                fail(key.source().begin, host.error().what, host.error().hint);
            else if (take_value("kv." + name, *form, value, reading_.config))
                reading_.config.work.kv.emplace(name, value.as_string()->get());
        }
    }

    template <typename Target>
    void read_table(const std::string& section, const toml::node& node, std::string_view table,
                    std::span<const Key<Target>> keys, Target& target) {
        const toml::table* entries = node.as_table();
        if (!entries) {
            fail(node.source().begin, section + " must be a table, not " + type_name(node),
                 "write [" + section + "]");
            return;
        }
        for (const auto& [key, value] : *entries) {
            const Key<Target>* found = nullptr;
            for (const Key<Target>& one : keys)
                if (one.table == table && one.name == key.str())
                    found = &one;
            const std::string full = section + "." + model::printable(key.str());
            if (!found) {
                fail(key.source().begin, "unknown key " + full,
                     "the keys of [" + section + "] are " + names_of(keys, table));
                continue;
            }
            take_value(full, *found, value, target);
        }
    }

    template <typename Target>
    bool take_value(const std::string& full, const Key<Target>& key, const toml::node& value,
                    Target& target) {
        const std::string expected = key.take(target, value_of(value));
        if (!expected.empty())
            fail(value.source().begin, full + " must be " + expected + ", not " + type_name(value),
                 {});
        else
            reading_.places.emplace(full, place(value.source().begin));
        return expected.empty();
    }

    std::string path_;
    ConfigReading reading_;
};

}  // namespace

ConfigReading parse_config(std::string_view text, const std::string& path) {
    Reader reader(path);
    reader.read(text);
    return reader.take();
}

ConfigReading read_config(const std::string& path) {
    const auto text = sync::read_file(path);
    if (text)
        return parse_config(*text, path);
    Reader reader(path);
    reader.fail({}, "can't be read: " + text.error().what, "--config names the file");
    return reader.take();
}

}  // namespace slotd::app
