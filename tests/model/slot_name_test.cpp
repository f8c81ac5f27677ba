// SPDX-License-Identifier: MIT
#include "slotd/model/slot_name.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd::model;

namespace {

NamesService service(std::string name, std::string tag = "", std::string datacenter = "") {
    return NamesService{std::move(name), std::move(tag), std::move(datacenter)};
}

}  // namespace

TEST_SUITE("slot name") {
    TEST_CASE("a host name under slots.invalid names what the slot follows") {
        struct Row {
            std::string host;
            SlotName expected;
        };
        const std::vector<Row> rows{
            {"web.service.slots.invalid", service("web")},
            {"prod.web.service.slots.invalid", service("web", "prod")},
            {"a.b.web.service.slots.invalid", service("web", "a.b")},
            {"web.service.dc2.slots.invalid", service("web", "", "dc2")},
            {"prod.web.service.dc2.slots.invalid", service("web", "prod", "dc2")},
            {"Web_1.Service.DC2.Slots.Invalid.", service("Web_1", "", "DC2")},
            {"service.service.slots.invalid", service("service")},
            {"kv.service.slots.invalid", service("kv")},
            {"List.kv.slots.invalid", NamesKv{"List"}},
            {"slots.invalid", NamesOwnBackend{}},
            {"SLOTS.INVALID.", NamesOwnBackend{}},
        };
        for (const Row& row : rows) {
            const auto name = parse_slot_name(row.host);
            REQUIRE_MESSAGE(name, row.host);
            REQUIRE_MESSAGE(name->has_value(), row.host);
            CHECK_MESSAGE(**name == row.expected, row.host);
        }
    }

    TEST_CASE("another host is no slot") {
        for (const char* host : {"", "web", "web.example.com", "invalid", "xslots.invalid",
                                 "slots.invalid.example.com", "web.service.consul"})
            CHECK_MESSAGE(!parse_slot_name(host), host);
    }

    TEST_CASE("a host under slots.invalid in no known form is an error that shows the forms") {
        const std::pair<std::string, std::string> rows[] = {
            {"web.slots.invalid",
             "the host name web.slots.invalid has neither .service nor .kv before .slots.invalid"},
            {"web.dc2.slots.invalid",
             "the host name web.dc2.slots.invalid has neither .service nor .kv before "
             ".slots.invalid"},
            {"service.slots.invalid",
             "the host name service.slots.invalid has no service before .service"},
            {"service.dc1.slots.invalid",
             "the host name service.dc1.slots.invalid has no service before .service"},
            {"kv.slots.invalid",
             "the host name kv.slots.invalid does not name one KV key before .kv"},
            {"a.b.kv.slots.invalid",
             "the host name a.b.kv.slots.invalid does not name one KV key before .kv"},
            {"web..service.slots.invalid",
             "the host name web..service.slots.invalid has an empty label"},
            {".slots.invalid", "the host name .slots.invalid has an empty label"},
        };
        for (const auto& [host, what] : rows) {
            const auto name = parse_slot_name(host);
            REQUIRE_MESSAGE(name, host);
            REQUIRE_MESSAGE(!name->has_value(), host);
            CHECK(name->error().what == what);
            CHECK(
                name->error().hint ==
                "write [TAG.]SERVICE.service[.DATACENTER].slots.invalid, NAME.kv.slots.invalid or "
                "slots.invalid");
        }
    }

    TEST_CASE("what is written is read back") {
        for (const NamesService& names :
             {service("web"), service("web", "prod"), service("web", "a.b", "dc2"),
              service("Web_1", "", "dc-2"), service("service"), service("kv", "", "dc1")}) {
            const auto host = format_slot_name(names);
            REQUIRE(host.has_value());
            const auto read = parse_slot_name(*host);
            REQUIRE(read);
            CHECK(**read == SlotName(names));
        }
    }

    TEST_CASE("what can't stand in a host name is refused") {
        const std::pair<NamesService, std::string> rows[] = {
            {service(""), "the service \"\" is empty"},
            {service("a b"), "the service \"a b\" has a character that can't stand in a host name"},
            {service("a.b"), "the service \"a.b\" has a character that can't stand in a host name"},
            {service("a\nb"),
             "the service \"a\\x0ab\" has a character that can't stand in a host name"},
            {service("web", "x/y"),
             "the tag \"x/y\" has a character that can't stand in a host name"},
            {service("web", "x..y"), "the tag \"x..y\" has an empty label"},
            {service("web", "", "dc.1"),
             "the datacenter \"dc.1\" has a character that can't stand in a host name"},
            {service(std::string(64, 'a')),
             "the service \"" + std::string(64, 'a') + "\" is longer than 63 characters"},
        };
        for (const auto& [names, what] : rows) {
            const auto host = format_slot_name(names);
            REQUIRE_FALSE(host);
            CHECK(host.error().what == what);
        }
        const std::string label(60, 'a');
        CHECK_FALSE(format_slot_name(service(label, label + "." + label + "." + label, label)));
    }
}
