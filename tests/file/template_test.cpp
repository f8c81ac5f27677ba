// SPDX-License-Identifier: MIT
#include "slotd/file/template.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slotd::file;

namespace {

Section section(const std::string& name) {
    Section one;
    one.name = name;
    one.service = name;
    one.slots = "server-template s 1-3 " + name + ".service.slots.invalid:1";
    one.slot_count = 3;
    return one;
}

Content two_backends() {
    Content content;
    content.backends = {section("api"), section("web")};
    content.backends[1].tags = {"prod", "v2"};
    content.backends[1].meta = {{"balance", "leastconn"}};
    return content;
}

std::string render(const std::string& text, const Content& content = two_backends()) {
    const auto parsed = Template::parse(text, "t", {"List"});
    REQUIRE_MESSAGE(parsed, to_string(parsed.error()));
    return parsed->render(content);
}

std::string template_error(const std::string& text) {
    const auto parsed = Template::parse(text, "haproxy.cfg.template", {"List"});
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == slotd::model::ErrorKind::config);
    return to_string(parsed.error());
}

const std::string template_names =
    " (the names are backends, List, lines.List; within a backend name, service, slots, "
    "slot_count, tags and meta.KEY)";

}  // namespace

TEST_SUITE("template") {
    TEST_CASE("a section is written once for each backend, lines of tags alone leave nothing") {
        CHECK(render("global\n"
                     "{{#backends}}\n"
                     "backend {{name}}\n"
                     "    # {{service}}, {{slot_count}} slots\n"
                     "    {{{slots}}} check\n"
                     "{{/backends}}\n"
                     "end\n") ==
              "global\n"
              "backend api\n"
              "    # api, 3 slots\n"
              "    server-template s 1-3 api.service.slots.invalid:1 check\n"
              "backend web\n"
              "    # web, 3 slots\n"
              "    server-template s 1-3 web.service.slots.invalid:1 check\n"
              "end\n");
    }

    TEST_CASE("tags and meta are there or not") {
        CHECK(render("{{#backends}}{{name}}:{{#tags}} {{.}}{{/tags}}{{^tags}} none{{/tags}}"
                     "{{#meta.balance}} balance {{meta.balance}}{{/meta.balance}}"
                     "{{^meta.balance}} -{{/meta.balance}} [{{meta.other}}];{{/backends}}") ==
              "api: none - [];web: prod v2 balance leastconn [];");
    }

    TEST_CASE("without a backend the other branch is taken") {
        CHECK(render("{{#backends}}{{name}}{{/backends}}{{^backends}}none{{/backends}}", {}) ==
              "none");
    }

    TEST_CASE("a KV name stands for its slots, in both spellings, and lines.NAME for its lines") {
        Content content;
        content.slots = {{"List", "server-template List- 1-10 List.kv.slots.invalid:1"}};
        content.lines = {{"List", "server a 10.0.0.1:80\n    server b 10.0.0.2:80"}};
        for (const std::string tag :
             {"{{ List }}", "{{List}}", "{{ .List }}", "{{.List}}", "{{{ .List }}}", "{{& List}}"})
            CHECK(render("    " + tag + "\n", content) ==
                  "    server-template List- 1-10 List.kv.slots.invalid:1\n");
        CHECK(render("    {{{ lines.List }}}\n", content) ==
              "    server a 10.0.0.1:80\n    server b 10.0.0.2:80\n");
        const auto parsed = Template::parse("{{ lines.List }}", "t", {"List", "Other"});
        REQUIRE(parsed);
        CHECK(parsed->lines_of() == std::set<std::string>{"List"});
    }

    TEST_CASE("nothing is escaped for HTML, and other text stays as it is") {
        Content content;
        content.backends = {section("web")};
        content.backends[0].meta = {{"x", "a&<b>/=+"}};
        CHECK(
            render("{{#backends}}{{meta.x}} {{{meta.x}}}{{/backends}} { path / } %[src] \"{\" '\n",
                   content) == "a&<b>/=+ a&<b>/=+ { path / } %[src] \"{\" '\n");
        CHECK(render("{{=<% %>=}}{{name}} <%#backends%><%name%> <%/backends%>") ==
              "{{name}} api web ");
        CHECK(render("a{{! a comment }}b") == "ab");
    }

    TEST_CASE("a name that is not there is an error, wherever it stands") {
        CHECK(template_error("global\n  {{ .Lst }}\n") ==
              "haproxy.cfg.template:2: there is no \".Lst\" here" + template_names);
        CHECK(template_error("{{#backends}}\n\n{{nmae}}{{/backends}}") ==
              "haproxy.cfg.template:3: there is no \"nmae\" here" + template_names);
        CHECK(template_error("{{#backends}}{{#meta.x}}\n{{nmae}}{{/meta.x}}{{/backends}}")
                  .starts_with("haproxy.cfg.template:2: "));
        CHECK(template_error("{{#backends}}{{^meta.x}}\n{{nmae}}{{/meta.x}}{{/backends}}")
                  .starts_with("haproxy.cfg.template:2: "));
        CHECK(template_error("{{^backends}}\n{{nmae}}{{/backends}}")
                  .starts_with("haproxy.cfg.template:2: "));
        CHECK(template_error("{{#backend}}{{/backend}}").starts_with("haproxy.cfg.template:1: "));
        CHECK(template_error("{{name}}").starts_with("haproxy.cfg.template:1: there is no \"name\""));
        CHECK(template_error("{{meta.x}}").starts_with("haproxy.cfg.template:1: "));
        CHECK(template_error("{{lines.Lst}}").starts_with("haproxy.cfg.template:1: "));
        CHECK(template_error("{{=<% %>=}}<% nmae %>").starts_with("haproxy.cfg.template: there is no"));
        CHECK(template_error("\n{{> part}}") ==
              "haproxy.cfg.template:2: {{> part}} is a partial; there are none (write its text "
              "here)");
    }

    TEST_CASE("what is no template is said with its line") {
        const std::string hint =
            " (a template is Mustache: {{#backends}} ... {{/backends}}, {{name}})";
        CHECK(template_error("\n{{#backends}}\n") ==
              "haproxy.cfg.template:2: Unclosed section \"backends\"" + hint);
        CHECK(template_error("\n\n{{/backends}}\n") ==
              "haproxy.cfg.template:3: Unopened section \"backends\"" + hint);
        CHECK(template_error("a\n{{ List }\n") == "haproxy.cfg.template:2: Unclosed tag" + hint);
        CHECK(template_error("{{#backends}}\n{{#tags}}{{/backends}}{{/tags}}")
                  .starts_with("haproxy.cfg.template:"));
        CHECK(template_error("{{=<=}}").starts_with("haproxy.cfg.template:1: Invalid set delimiter"));
    }
}
