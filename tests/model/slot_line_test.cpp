// SPDX-License-Identifier: MIT
#include "slotd/model/slot_line.hpp"

#include <doctest/doctest.h>

using namespace slotd::model;

TEST_CASE("a slot line has all that makes slots fillable at run time") {
    SlotLine line(20, "web.service.slots.invalid");
    CHECK(to_string(line) ==
          "server-template s 1-20 web.service.slots.invalid:1 disabled init-addr last,127.0.0.1");
    line.prefix = "web-";
    line.check = true;
    CHECK(to_string(line) ==
          "server-template web- 1-20 web.service.slots.invalid:1 check disabled init-addr "
          "last,127.0.0.1");
}
