// SPDX-License-Identifier: MIT
#include "slotd/admin/server.hpp"

#include "support/admin_server.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

admin::Limits short_limits() {
    admin::Limits limits;
    limits.head = 50ms;
    limits.write = 100ms;
    limits.linger = 20ms;
    return limits;
}

bool exists(const std::string& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

}  // namespace

TEST_SUITE("server") {
    TEST_CASE("one request a connection, over TCP and over a UNIX socket") {
        AdminServer slotd;
        const std::string over_tcp = slotd.ask(healthz);
        CHECK(over_tcp.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(body_of(over_tcp) == "ok\n");
        const auto client = slotd.unix_client();
        CHECK(body_of(slotd.ask(*client, "POST /v1/pause HTTP/1.1\r\nHost: any\r\n\r\n"))
                  .starts_with("{\"backend\":null,\"paused\":true"));
        CHECK(slotd.pauses.of("web"));
        CHECK(status_of(slotd.ask("POST /v1/resume HTTP/1.1\r\nHost: localhost\r\n\r\n")) ==
              "403 Forbidden");
        CHECK(slotd.pauses.of("web"));
    }

    TEST_CASE("the answer to HEAD has the length and no body") {
        AdminServer slotd;
        const std::string answer = slotd.ask("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(answer.find("Content-Length: 3\r\n") != std::string::npos);
        CHECK(body_of(answer).empty());
    }

    TEST_CASE("what follows a request is not answered, and does not lose the answer") {
        AdminServer slotd;
        const std::string answer = slotd.ask(healthz + healthz + std::string(20'000, 'x'));
        CHECK(body_of(answer) == "ok\n");
    }

    TEST_CASE("a client that ends its input, or sends byte by byte, is answered") {
        AdminServer slotd;
        const auto client = slotd.client();
        for (const char c : healthz) {
            client->send(std::string(1, c));
            slotd.io.poll();
        }
        client->end_of_input();
        CHECK(body_of(client->wait_end()) == "ok\n");
    }

    TEST_CASE("what is no request is answered with its error") {
        AdminServer slotd;
        CHECK(status_of(slotd.ask("\x16\x03\x01")) == "400 Bad Request");
        CHECK(status_of(slotd.ask(std::string(9000, 'a'))) == "414 URI Too Long");
        CHECK(status_of(slotd.ask("GET / HTTP/1.1\r\nA: " + std::string(9000, 'a'))) ==
              "431 Request Header Fields Too Large");
        CHECK(body_of(slotd.ask("GET / HTTP/1.1\r\n\r\n")) == "one Host header is needed\n");
    }

    TEST_CASE("half a request has its time, none is closed without a word") {
        AdminServer slotd(short_limits());
        CHECK(status_of(slotd.ask("GET / HT")) == "408 Request Timeout");
        CHECK(slotd.ask("").empty());
        const auto client = slotd.client();
        client->send("GET / HT");
        client->end_of_input();
        CHECK(client->wait_end().empty());
        const auto gone = slotd.client();
        gone->send("GET");
        gone->reset();
        CHECK(body_of(slotd.ask(healthz)) == "ok\n");
    }

    TEST_CASE("a client that does not read is cut, and the others are answered meanwhile") {
        AdminServer slotd(short_limits());
        // Far more than the system keeps for a client.
        slotd.status.backends[0].last_error = std::string(16'000'000, 'x');
        const std::string get_status = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
        const auto slow = slotd.client();
        slow->send(get_status);
        CHECK(body_of(slotd.ask(healthz)) == "ok\n");
        run_for(slotd.io, 300ms);
        CHECK(slow->wait_end().size() < 16'000'000);

        AdminServer patient;
        patient.status = slotd.status;
        CHECK(patient.ask(get_status).size() > 16'000'000);
    }

    TEST_CASE("too many connections are told so, still more are dropped; another way in is free") {
        admin::Limits limits = short_limits();
        limits.head = 10s;
        limits.linger = 10s;
        limits.connections = 3;
        AdminServer slotd(limits);
        std::vector<std::unique_ptr<Client>> idle;
        for (int i = 0; i < 3; ++i) idle.push_back(slotd.client());
        for (int i = 0; i < 3; ++i) {
            idle.push_back(slotd.client());
            idle.back()->wait_for("too many connections");
            CHECK(status_of(idle.back()->received()) == "503 Service Unavailable");
        }
        const auto dropped = slotd.client();
        CHECK(dropped->wait_end().empty());
        const auto other = slotd.unix_client();
        CHECK(body_of(slotd.ask(*other, healthz)) == "ok\n");
        idle.clear();
        run_until(slotd.io, [&] { return status_of(slotd.ask(healthz)) == "200 OK"; });
    }

    TEST_CASE("the UNIX socket is for owner and group, and goes with the server") {
        AdminServer slotd;
        struct stat found {};
        REQUIRE(::stat(slotd.path.text().c_str(), &found) == 0);
        CHECK((found.st_mode & 07777) == 0660);
        slotd.server->close();
        CHECK_FALSE(exists(slotd.path.text()));
    }

    TEST_CASE("the socket of a slotd that died is replaced, one that is in use is not") {
        AdminServer slotd;
        admin::Server second(slotd.io.get_executor(), slotd.parts());
        const auto in_use = second.listen({slotd.unix_socket});
        REQUIRE_FALSE(in_use);
        CHECK(to_string(in_use.error()) ==
              "[admin] listen \"unix:" + slotd.path.text() +
                  "\": another slotd listens (stop it, or give this one a socket of its own)");
        slotd.server->close();
        {
            // Closed without its file being removed, as by SIGKILL.
            const asio::local::stream_protocol::acceptor dead(
                slotd.io, asio::local::stream_protocol::endpoint(slotd.path.text()));
        }
        CHECK(exists(slotd.path.text()));
        CHECK(second.listen({slotd.unix_socket}));
        const auto client = slotd.unix_client();
        CHECK(body_of(slotd.ask(*client, healthz)) == "ok\n");
    }

    TEST_CASE("a file that somebody else put there stays") {
        AdminServer slotd;
        const std::string path = slotd.path.text();
        ::unlink(path.c_str());
        ::close(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        slotd.server->close();
        CHECK(exists(path));
        const auto refused = slotd.server->listen({slotd.unix_socket});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what == "there is a file that is no socket");
    }

    TEST_CASE("where it can't listen is told with what to do") {
        AdminServer slotd;
        admin::Server second(slotd.io.get_executor(), slotd.parts());
        const auto taken = second.listen({slotd.tcp});
        REQUIRE_FALSE(taken);
        CHECK(to_string(taken.error()) == "[admin] listen \"" + slotd.tcp.text() +
                                              "\": can't listen: Address already in use (another "
                                              "program, or another slotd, listens there)");
        const auto nowhere = second.listen({AdminServer::address("unix:/no/such/folder/s")});
        REQUIRE_FALSE(nowhere);
        CHECK(to_string(nowhere.error()) ==
              "[admin] listen \"unix:/no/such/folder/s\": can't listen: No such file or directory "
              "(slotd makes no folder: create it, or let the service manager (RuntimeDirectory))");
    }

    TEST_CASE("it listens where it is told next, and goes on where it did") {
        AdminServer slotd;
        const auto client = slotd.client();
        client->send("GET /healthz HTTP/1.1\r\n");
        slotd.io.poll();
        REQUIRE(slotd.server->listen({slotd.tcp, slotd.tcp}));
        CHECK_FALSE(exists(slotd.path.text()));
        client->send("Host: localhost\r\n\r\n");
        CHECK(body_of(client->wait_end()) == "ok\n");
        // An address that fails leaves all as it was.
        CHECK_FALSE(slotd.server->listen({slotd.unix_socket,
                                          AdminServer::address("unix:/no/such/folder/s")}));
        CHECK_FALSE(exists(slotd.path.text()));
        CHECK(body_of(slotd.ask(healthz)) == "ok\n");
    }

    TEST_CASE("a server that goes ends its connections") {
        AdminServer slotd;
        const auto idle = slotd.client();
        idle->send("GET");
        slotd.io.poll();
        slotd.server.reset();
        CHECK(idle->wait_end().empty());
    }
}
