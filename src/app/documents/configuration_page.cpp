// SPDX-License-Identifier: MIT
#include "pages.hpp"
#include "roff.hpp"
#include "slotd/app/config.hpp"
#include "slotd/app/facts.hpp"
#include "slotd/app/setup.hpp"

namespace slotd::app {
namespace {

constexpr const char* about_configuration =
    "The configuration of slotd: TOML, with sections in brackets and `key = value` lines under "
    "them. No key is needed where the slot lines of haproxy.cfg name their service and an option "
    "names the socket. A section or key that is not listed here, a value of another form, and two "
    "of the same key are errors, which name file, line and column; `slotd` then does not start.\n\n"
    "A time is digits and a unit: `ms`, `s`, `m` or `h`. An option beats the environment, which "
    "beats this file. `slotd run` reads the file again at SIGHUP; one with an error is refused, "
    "and what was read before stays in force.";

bool shows_something(std::string_view fallback) {
    return !fallback.empty() && fallback != "\"\"" && fallback != "[]";
}

template <typename Target>
void items(ManPage& page, std::span<const Key<Target>> keys, std::string_view table) {
    for (const Key<Target>& key : keys) {
        if (key.table != table)
            continue;
        // What the parser says it takes, to a value that no key has.
        Target scratch;
        std::string more = plain("Value: " + key.take(scratch, {}) + ".");
        if (shows_something(key.fallback))
            more += " Default: " + bold(key.fallback) + ".";
        if (!key.example.empty())
            more += " Example: " + bold(key.example) + ".";
        page.item(bold(key.name), plain(key.help), more);
    }
}

}  // namespace

std::string configuration_page(std::span<const CommandTable>) {
    ManPage page("slotd.toml", 5);
    page.section("NAME");
    page.paragraphs("slotd.toml \\- the configuration file of slotd");
    page.section("DESCRIPTION");
    page.paragraphs(plain(about_configuration));
    for (const Section& section : sections()) {
        page.section("[" + std::string(section.name) + "]");
        page.paragraphs(sentence(section.help));
        // [defaults] holds the keys that follow under [backend.NAME].
        if (section.name == "defaults")
            continue;
        items(page, config_keys(), section.table);
        items(page, backend_keys(), section.table);
        items(page, file_keys(), section.table);
    }
    page.section("EXAMPLE");
    page.code(example_configuration());
    page.section("FILES");
    page.item(italic(default_config_file),
              "where " + bold("slotd") + "(1) looks when no option names another file");
    page.section("SEE ALSO");
    page.paragraphs(bold("slotd") + "(1), " + bold("haproxy") + "(1)");
    return page.text();
}

}  // namespace slotd::app
