// SPDX-License-Identifier: MIT
#include "slotd/file/renderer.hpp"

#include "support/folder.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

using namespace slotd;
using namespace slotd::file;
using namespace slotd::testing;

TEST_CASE("a template is read again when its file is another one, and only then") {
    const Folder folder;
    Settings settings;
    settings.template_path = folder / "t";
    settings.keys = {{"List", "lb/list"}, {"Other", "lb/other"}};
    Renderer renderer(settings);
    const auto missing = renderer.refresh();
    REQUIRE_FALSE(missing);
    CHECK(to_string(missing.error()) ==
          folder / "t" +
              ": the template can't be read: No such file or directory (`template` in [file] names "
              "it)");

    spit(folder / "t", "{{#backends}}{{name}} {{/backends}}{{lines.List}}");
    REQUIRE(renderer.refresh());
    CHECK(renderer.lines_of() == std::set<std::string>{"List"});
    Backends backends;
    backends["web"];
    CHECK(renderer.render(backends, {{"List", "server a 10.0.0.1:80"}}) ==
          "web server a 10.0.0.1:80");
    CHECK_FALSE(*renderer.refresh());

    spit(folder / "new", "{{oops}}");
    std::rename((folder / "new").c_str(), settings.template_path.c_str());
    CHECK_FALSE(renderer.refresh());
    const auto again = renderer.refresh();
    REQUIRE(again);
    CHECK_FALSE(*again);
    CHECK(renderer.render(backends, {}) == "web ");

    spit(folder / "new", "{{Other}}");
    std::rename((folder / "new").c_str(), settings.template_path.c_str());
    REQUIRE(renderer.refresh());
    CHECK(renderer.lines_of().empty());
    CHECK(renderer.render(backends, {}).starts_with("server-template Other- 1-10 "));
}
