// SPDX-License-Identifier: MIT
// The head of a request to the admin endpoint, whole and cut at a place that its first byte says.
#include "slotd/admin/request.hpp"

#include "fuzz.hpp"
#include "slotd/admin/hosts.hpp"

#include <string>

using namespace slotd;
using admin::RequestParser;

namespace {

std::string outcome(const RequestParser& parser) {
    std::string text;
    if (parser.state() == RequestParser::State::refused) {
        check(parser.refusal().status >= 400 && parser.refusal().status < 600, "a refusal is an error");
        check(is_one_line(parser.refusal().why), "a refusal can be shown");
        return std::to_string(parser.refusal().status) + parser.refusal().why;
    }
    if (parser.state() == RequestParser::State::more)
        return "more";
    const admin::Request& request = parser.request();
    check(request.path.starts_with('/'), "a path begins with a slash");
    text = request.method + " " + request.path + (request.is_1_0 ? " 1.0" : " 1.1");
    for (const auto* fields : {&request.query, &request.headers})
        for (const auto& [name, value] : *fields) text += "\n" + name + ": " + value;
    if (const std::string* host = request.header("host"))
        text += admin::is_local_host(*host) ? " local" : " other";
    return text;
}

}  // namespace

void fuzz(std::string_view input) {
    if (input.empty())
        return;
    const auto cut = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    RequestParser whole;
    whole.feed(input);
    RequestParser parts;
    parts.feed(input.substr(0, cut));
    if (cut < input.size())
        parts.feed(input.substr(cut));
    check(outcome(whole) == outcome(parts), "it does not matter how the bytes are cut");
    if (input.size() > RequestParser::most_head)
        check(whole.state() != RequestParser::State::more, "a head has an end");
}
