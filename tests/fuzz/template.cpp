// SPDX-License-Identifier: MIT
// What Consul says, on its way into haproxy.cfg: names, tags, meta values and the lines of a key;
// and the template itself.
#include "slotd/file/template.hpp"

#include "fuzz.hpp"
#include "slotd/file/backends.hpp"
#include "slotd/file/lines.hpp"
#include "slotd/file/values.hpp"
#include "slotd/model/names.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

using namespace slotd;

namespace {

constexpr const char* in_every_place =
    "{{#backends}}\nbackend {{name}}\n    # of {{service}}{{#tags}} {{.}}{{/tags}}\n"
    "    acl {{meta.x}} \"{{meta.x}}\"\n    {{slots}}\n{{/backends}}\n";

// The first words of all lines, which say what each of them is.
std::string shape(const std::string& text) {
    std::string words;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::size_t first = std::min(text.find_first_not_of(' ', at), end);
        const std::size_t last = std::min(text.find(' ', first), end);
        words += text.substr(first, last - first) + "\n";
        at = end + 1;
    }
    return words;
}

std::string rendered(const std::string& service, const std::string& value) {
    file::Backends backends;
    file::Backend& backend = backends[service];
    backend.tags = {value, "haproxy"};
    backend.meta = {{"x", value}, {"slotd-slots", value}};
    static const auto made = file::Template::parse(in_every_place, "template", {});
    check(made.has_value(), "the template is one");
    return made->render(file::content_of(backends, 10, {}, {}));
}

// HAProxy has turned it back when a directive reads the word.
bool is_harmless(const std::string& escape) {
    unsigned byte = 0;
    if (escape.size() != 4 || std::sscanf(escape.c_str(), "\\x%2x", &byte) != 1)
        return false;
    return byte >= 0x20 && byte != 0x7f && byte != '%' && byte != '{' && byte != '}';
}

void check_value(const std::string& value) {
    const std::string word = file::word(value);
    check(word.find_first_of(" \t\r\n\v\f\"'#$%{}") == std::string::npos, "a value is one word");
    for (std::size_t at = word.find('\\'); at != std::string::npos; at = word.find('\\', at + 1))
        check(is_harmless(word.substr(at, 4)), "an escape is one of HAProxy's, of a harmless byte");
    static const std::string plain = shape(rendered("web", "plain"));
    check(shape(rendered("web", value)) == plain, "no value begins a line of its own");
}

void check_name(const std::string& name) {
    const file::Selection selection = file::select({{name, {"haproxy"}}}, file::Settings());
    check(selection.services.size() + selection.refused.size() == 1, "it is taken or refused");
    for (const model::Error& refused : selection.refused)
        check(is_one_line(to_string(refused)), "a refusal can be logged");
    for (const auto& [service, tags] : selection.services) {
        check(model::is_haproxy_name(service), "a backend's name is HAProxy's");
        rendered(service, "plain");
    }
}

void check_lines(std::string_view value) {
    const auto made = file::server_lines(value, file::OnEmpty::hold);
    if (!made) {
        check(is_one_line(to_string(made.error())), "the error can be logged");
        return;
    }
    check(!made->text.empty(), "there is a server");
    for (const model::Error& remark : remarks_on(*made, std::string(value)))
        check(is_one_line(to_string(remark)), "a remark can be logged");
    const std::string* lines = &made->text;
    std::size_t count = static_cast<std::size_t>(std::count(lines->begin(), lines->end(), '\n'));
    count += 1;
    const std::string words = shape(*lines);
    std::size_t servers = 0;
    for (std::size_t at = 0; words.compare(at, 7, "server\n") == 0; at += 7) ++servers;
    check(servers == count && words.size() == 7 * servers, "each line is a server's");
    for (const char c : *lines)
        check(c == '\n' || c == '\t' || (c != '$' && static_cast<unsigned char>(c) >= 0x20),
              "no control character gets in, and no variable");
}

}  // namespace

void fuzz(std::string_view input) {
    const std::string text(input);
    check_value(text);
    check_name(text);
    check_lines(input);
    const auto made = file::Template::parse(text, "template", {"Servers"});
    if (!made)
        check(is_one_line(to_string(made.error())), "the error can be logged");
}
