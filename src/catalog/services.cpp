// SPDX-License-Identifier: MIT
#include "slotd/catalog/services.hpp"

#include "json.hpp"
#include "slotd/model/text.hpp"

#include <string>
#include <utility>

namespace slotd::catalog {
namespace {

using namespace json;

ServiceTags read_services(const element& document) {
    object services;
    if (document.get(services) != simdjson::SUCCESS)
        fail("the document is " + std::string(type_name(document.type())) + ", not an object");
    ServiceTags all;
    for (const auto& [name, value] : services) {
        const std::string where = "\"" + model::printable(name, 100) + "\"";
        array tags;
        if (!value.is_null() && value.get(tags) != simdjson::SUCCESS)
            fail(where + " is " + std::string(type_name(value.type())) + ", not an array");
        std::vector<std::string> texts;
        if (!value.is_null())
            for (const element tag : tags) {
                std::string_view text;
                if (tag.get(text) != simdjson::SUCCESS)
                    fail("a tag of " + where + " is " + std::string(type_name(tag.type())) +
                         ", not a string");
                texts.emplace_back(text);
            }
        all.insert_or_assign(std::string(name), std::move(texts));
    }
    return all;
}

}  // namespace

// Read seldom, so no parser is kept for it.
model::Result<ServiceTags> parse_services(std::string_view body) {
    simdjson::dom::parser parser;
    try {
        element document;
        const auto error = parser.parse(body.data(), body.size()).get(document);
        if (error != simdjson::SUCCESS)
            fail(simdjson::error_message(error));
        return read_services(document);
    } catch (const Unreadable& unreadable) {
        return model::Error(model::ErrorKind::unreadable,
                            "Consul's answer can't be read: " + unreadable.what);
    }
}

}  // namespace slotd::catalog
