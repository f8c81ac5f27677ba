// SPDX-License-Identifier: MIT
#include "slotd/app/admin_access.hpp"

#include "slotd/app/cli.hpp"
#include "support/admin_server.hpp"
#include "support/file.hpp"
#include "support/shown.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

app::AdminPlacesReading places_of(std::vector<std::string> words,
                                  const std::string& default_file = "/no/such/file") {
    words.insert(words.begin(), "status");
    const auto options = app::parse_command_line(words);
    REQUIRE(std::holds_alternative<app::Options>(options));
    return app::admin_places(std::get<app::Options>(options), default_file);
}

std::vector<std::string> addresses_of(const app::AdminPlacesReading& reading) {
    REQUIRE(reading.errors.empty());
    std::vector<std::string> texts;
    for (const auto& address : reading.places.addresses) texts.push_back(address.text());
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_SUITE("admin_access") {
    TEST_CASE("the option beats the file, which beats the default; UNIX sockets come first") {
        const File file("[admin]\nlisten = [\"127.0.0.1:1\", \"unix:/a\", \"[::1]:2\", \"unix:/b\"]\n");
        CHECK(addresses_of(places_of({})) == Texts{"unix:/run/slotd/admin.sock"});
        CHECK(addresses_of(places_of({}, file.path())) ==
              Texts{"unix:/a", "unix:/b", "127.0.0.1:1", "[::1]:2"});
        CHECK(addresses_of(places_of({"-c", file.path()})) ==
              Texts{"unix:/a", "unix:/b", "127.0.0.1:1", "[::1]:2"});
        CHECK(addresses_of(places_of({"-c", file.path(), "--admin", "127.0.0.1:9"})) ==
              Texts{"127.0.0.1:9"});
        const File silent("[haproxy]\nsockets = [\"/h\"]\n");
        const auto reading = places_of({"-c", silent.path()});
        CHECK(addresses_of(reading) == Texts{"unix:/run/slotd/admin.sock"});
        CHECK(reading.places.if_gone == silent.path() +
                                            " has no `listen` in [admin], so slotd answers "
                                            "nowhere: give it one, then send slotd SIGHUP");
    }

    TEST_CASE("what is wrong with the address or the file is told") {
        const auto wrong = places_of({"--admin", "example.org:80"});
        REQUIRE(wrong.errors.size() == 1);
        CHECK(to_string(wrong.errors[0]) ==
              "--admin example.org:80: this is no address (write 127.0.0.1:PORT, [::1]:PORT or "
              "unix:/PATH)");
        const File broken("[admin]\nlisten = 1\n");
        const auto reading = places_of({"-c", broken.path()});
        REQUIRE(reading.errors.size() == 1);
        CHECK(to_string(reading.errors[0]).starts_with(broken.path() + ":2:"));
        CHECK(reading.errors[0].hint.ends_with("--admin ADDRESS needs no file"));
    }

    TEST_CASE("over TCP nothing can be changed, and that is known before it is asked") {
        asio::io_context io;
        const app::AdminAccess access(io, places_of({"--admin", "127.0.0.1:1"}).places);
        const auto said = access.post("/v1/pause");
        REQUIRE_FALSE(said);
        CHECK(to_string(said.error()) ==
              "admin address 127.0.0.1:1: over TCP nothing can be changed (name slotd's UNIX "
              "socket with --admin unix:/PATH; it has one when `listen` of [admin] does)");
        CHECK(said.error().kind == model::ErrorKind::usage);
    }

    TEST_CASE("what slotd answers, and what it refuses") {
        AdminServer slotd;
        const app::AdminAccess access(slotd.io,
                                      places_of({"--admin", slotd.unix_socket.text()}).places);
        const auto paused = access.post("/v1/pause?backend=web");
        REQUIRE(paused);
        CHECK(paused->starts_with("{\"backend\":\"web\",\"paused\":true,"));
        CHECK(slotd.pauses.of("web"));
        const auto refused = access.post("/v1/resume?backend=api");
        REQUIRE_FALSE(refused);
        CHECK(to_string(refused.error()) ==
              "admin socket " + slotd.path.text() + ": api is not paused");
        CHECK(refused.error().kind == model::ErrorKind::refused);
    }

    TEST_CASE("who may not use the first address still may look at another") {
        AdminServer slotd;
        const File file("[admin]\nlisten = [\"unix:/no/such/s\", \"" + slotd.tcp.text() + "\"]\n");
        const app::AdminAccess access(slotd.io, places_of({"-c", file.path()}).places);
        CHECK(access.get("/v1/status"));
        const auto refused = access.get("/v1/status?backend=nope");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what == "slotd has no backend \"nope\" with slots");
        CHECK_FALSE(access.post("/v1/pause"));
    }

    TEST_CASE("a socket that is not there, and one that nobody listens on") {
        const TemporaryFolder folder;
        asio::io_context io;
        const std::string path = folder.file("s");
        const app::AdminAccess access(io, places_of({"--admin", "unix:" + path}).places);
        auto said = access.get("/v1/status");
        REQUIRE_FALSE(said);
        CHECK(to_string(said.error()) == "admin socket " + path +
                                             ": there is no such socket (is slotd running, with "
                                             "`listen = [\"unix:" +
                                             path + "\"]` in [admin]?)");
        { asio::local::stream_protocol::acceptor dead(io, asio::local::stream_protocol::endpoint(path)); }
        said = access.get("/v1/status");
        REQUIRE_FALSE(said);
        CHECK(to_string(said.error()).starts_with("admin socket " + path +
                                                  ": can't connect: Connection refused (is slotd"));
    }
}
