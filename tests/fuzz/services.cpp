// SPDX-License-Identifier: MIT
// The body of Consul's list of services, which says what backends a managed file has.
#include "slotd/catalog/services.hpp"

#include "fuzz.hpp"

#include <string>

using namespace slotd;

namespace {

std::string quoted(const std::string& text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string made = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || c == '"' || c == '\\')
            made += std::string("\\u00") + digits[byte >> 4] + digits[byte & 15];
        else
            made += c;
    }
    return made + "\"";
}

// As Consul would write them: what was read must say the same again.
std::string rewrite(const catalog::ServiceTags& services) {
    std::string text = "{";
    for (const auto& [name, tags] : services) {
        text += (text.size() > 1 ? "," : "") + quoted(name) + ":[";
        for (std::size_t i = 0; i < tags.size(); ++i) text += (i == 0 ? "" : ",") + quoted(tags[i]);
        text += "]";
    }
    return text + "}";
}

}  // namespace

void fuzz(std::string_view input) {
    const auto services = catalog::parse_services(input);
    if (!services) {
        check(services.error().kind == model::ErrorKind::unreadable, "a body is unreadable or a list");
        check(is_one_line(to_string(services.error())), "the error can be logged");
        return;
    }
    const auto again = catalog::parse_services(rewrite(*services));
    check(again && *again == *services, "what was read can be written and read again");
}
