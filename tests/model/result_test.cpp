// SPDX-License-Identifier: MIT
#include "slotd/model/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace slotd::model;

TEST_SUITE("result") {
    TEST_CASE("it holds a value or an error") {
        Result<std::string> good(std::string("x"));
        REQUIRE(good.has_value());
        CHECK(*good == "x");
        CHECK(good->size() == 1);

        const Result<std::string> bad(Error(ErrorKind::timeout, "no answer"));
        REQUIRE_FALSE(bad);
        CHECK(bad.error().kind == ErrorKind::timeout);

        CHECK(Result<void>().has_value());
        CHECK(Result<void>(Error(ErrorKind::usage, "no")).error().what == "no");
    }

    TEST_CASE("a value that can't be copied moves out") {
        Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
        const std::unique_ptr<int> out = *std::move(result);
        CHECK(*out == 7);
    }

    TEST_CASE("an error is printed with its parts, without those that are empty") {
        CHECK(to_string(Error(ErrorKind::config, "unknown key", "slotd.toml:3:1", "remove it")) ==
              "slotd.toml:3:1: unknown key (remove it)");
        CHECK(to_string(Error(ErrorKind::config, "unknown key")) == "unknown key");
    }
}
