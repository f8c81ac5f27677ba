// SPDX-License-Identifier: MIT
#include "slotd/catalog/agent.hpp"
#include "slotd/model/text.hpp"

#include <simdjson.h>

namespace slotd::catalog {
namespace {

namespace dom = simdjson::dom;

std::string text_at(const dom::element& document, std::string_view pointer) {
    std::string_view text;
    if (document.at_pointer(pointer).get(text) != simdjson::SUCCESS)
        return {};
    return model::printable(text, 100);
}

}  // namespace

std::optional<std::string> parse_leader(std::string_view body) {
    dom::parser parser;
    std::string_view leader;
    if (parser.parse(body.data(), body.size()).get(leader) != simdjson::SUCCESS)
        return std::nullopt;
    return model::printable(leader, 100);
}

void parse_self(std::string_view body, Agent& agent) {
    dom::parser parser;
    dom::element document;
    if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS)
        return;
    agent.version = text_at(document, "/Config/Version");
    agent.datacenter = text_at(document, "/Config/Datacenter");
    std::int64_t limit = 0;
    if (document.at_pointer("/DebugConfig/HTTPMaxConnsPerClient").get(limit) == simdjson::SUCCESS)
        agent.most_connections = limit;
}

}  // namespace slotd::catalog
