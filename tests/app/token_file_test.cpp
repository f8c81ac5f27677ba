// SPDX-License-Identifier: MIT
#include "slotd/app/token_file.hpp"

#include "support/file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <sys/stat.h>
#include <vector>

using namespace slotd;
using slotd::testing::File;
using Strings = std::vector<std::string>;

namespace {

/// A token file and what it reported.
struct Watched {
    File file{"first\n"};
    app::TokenFile token{file.path(), "first"};
    Strings said;

    Watched() {
        token.report([this](const model::Error& error) { said.push_back(to_string(error)); },
                     [this](const std::string& news) { said.push_back(news); });
    }
};

std::string error_of(const std::string& path) {
    const auto token = app::read_token(path);
    return token ? "none" : to_string(token.error());
}

}  // namespace

TEST_SUITE("token file") {
    TEST_CASE("a file is one word, without its blanks and line ends") {
        const File file(" \tsecret-1 \r\n\n");
        const auto token = app::read_token(file.path());
        REQUIRE(token);
        CHECK(*token == "secret-1");
    }

    TEST_CASE("a file that holds no token is an error that does not show it") {
        const File empty("\n");
        const File two("one two");
        CHECK(error_of(empty.path()) ==
              empty.path() + ": the token file is empty (it holds the token's secret ID)");
        CHECK(error_of(two.path()) ==
              two.path() +
                  ": the token has blanks or control characters (a token is one word, most "
                  "often a UUID)");
        CHECK(error_of("/no/such/token") ==
              "/no/such/token: the token file can't be read: No such file or directory (token_file "
              "or CONSUL_HTTP_TOKEN_FILE names it)");
        CHECK(error_of("/tmp").find("Is a directory") != std::string::npos);
        CHECK(error_of("/dev/zero") ==
              "/dev/zero: the token file can't be read: it has more than 65536 bytes (token_file "
              "or CONSUL_HTTP_TOKEN_FILE names it)");
    }

    TEST_CASE("another token is used from the next time on, and said once") {
        Watched watched;
        CHECK(watched.token.current() == "first");
        CHECK(watched.said.empty());
        watched.file.write("second\n");
        for (int i = 0; i < 3; ++i) CHECK(watched.token.current() == "second");
        CHECK(watched.said == Strings{watched.file.path() + ": another token, used from now on"});
    }

    TEST_CASE("a file that is empty, gone or no token keeps the one before, which is said once") {
        Watched watched;
        const std::string path = watched.file.path();
        watched.file.write("");
        for (int i = 0; i < 3; ++i) CHECK(watched.token.current() == "first");
        watched.file.remove();
        CHECK(watched.token.current() == "first");
        watched.file.write("a b");
        CHECK(watched.token.current() == "first");
        CHECK(watched.said ==
              Strings{path +
                      ": the token file is empty; the token from before is used on (it holds "
                      "the token's secret ID)"});
        watched.file.write("first");
        CHECK(watched.token.current() == "first");
        REQUIRE(watched.said.size() == 2);
        CHECK(watched.said[1] == path + ": the token can be read again; it is the one from before");

        watched.file.remove();
        CHECK(watched.token.current() == "first");
        watched.file.write("third");
        CHECK(watched.token.current() == "third");
        REQUIRE(watched.said.size() == 4);
        CHECK(watched.said[2] ==
              path +
                  ": the token file can't be read: No such file or directory; the token from "
                  "before is used on (token_file or CONSUL_HTTP_TOKEN_FILE names it)");
        CHECK(watched.said[3] == path + ": another token, used from now on");
    }

    TEST_CASE("a pipe is never opened again: it would block") {
        Watched watched;
        watched.file.remove();
        REQUIRE(::mkfifo(watched.file.path().c_str(), 0600) == 0);
        CHECK(watched.token.current() == "first");
        CHECK(watched.said.empty());
    }
}
