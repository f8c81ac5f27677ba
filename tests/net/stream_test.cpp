// SPDX-License-Identifier: MIT
#include "slotd/net/stream.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using slotd::net::SocketAddress;

namespace {

// "unix PATH" or "tcp HOST PORT".
std::string read(const std::string& text) {
    const auto address = SocketAddress::parse(text);
    if (!address)
        return to_string(address.error());
    if (address->is_unix())
        return "unix " + address->path();
    return "tcp " + address->host() + " " + std::to_string(address->port());
}

std::string refused(const std::string& where, const std::string& what) {
    return "socket " + where + ": " + what +
           " (write a path (/run/haproxy/admin.sock) or tcp://HOST:PORT)";
}

}  // namespace

TEST_SUITE("socket address") {
    TEST_CASE("a path, with or without its scheme, or a host and a port") {
        const std::string longest = "/" + std::string(106, 'x');
        struct Row {
            std::string text;
            std::string expected;
        };
        const std::vector<Row> rows{
            {"/run/haproxy/admin.sock", "unix /run/haproxy/admin.sock"},
            {"unix:///run/haproxy/admin.sock", "unix /run/haproxy/admin.sock"},
            {"/", "unix /"},
            {"/a b:80", "unix /a b:80"},
            {longest, "unix " + longest},
            {"tcp://10.0.0.1:9999", "tcp 10.0.0.1 9999"},
            {"tcp://haproxy.example.com:1", "tcp haproxy.example.com 1"},
            {"tcp://[2001:db8::1]:65535", "tcp 2001:db8::1 65535"},
            {"tcp://[127.0.0.1]:80", "tcp 127.0.0.1 80"},
        };
        for (const Row& row : rows) CHECK(read(row.text) == row.expected);
    }

    TEST_CASE("what is neither is refused, and the text says why") {
        struct Row {
            std::string text;
            std::string what;
        };
        const std::string no_path = "this is no absolute path";
        const std::string no_host = "a host and a port are needed";
        const std::string no_port = "the port is not between 1 and 65535";
        const std::vector<Row> rows{
            {"", no_path},
            {"admin.sock", no_path},
            {"unix://", no_path},
            {"unix://admin.sock", no_path},
            {"TCP://10.0.0.1:80", no_path},
            {"10.0.0.1:80", no_path},
            {"tcp:/10.0.0.1:80", no_path},
            {"http://10.0.0.1:80", no_path},
            {"/" + std::string(107, 'x'), "the path of a UNIX socket has at most 107 characters"},
            {"tcp://", no_host},
            {"tcp://haproxy", no_host},
            {"tcp://:80", no_host},
            {"tcp://[]:80", no_host},
            {"tcp://haproxy:", no_port},
            {"tcp://haproxy:0", no_port},
            {"tcp://haproxy:65536", no_port},
            {"tcp://haproxy:99999999999", no_port},
            {"tcp://haproxy:-1", no_port},
            {"tcp://haproxy:+80", no_port},
            {"tcp://haproxy: 80", no_port},
            {"tcp://haproxy:80/", no_port},
            {"tcp://haproxy:http", no_port},
            {"tcp://[2001:db8::1]", no_port},
            {"tcp://2001:db8::1:80", "an IPv6 address stands in brackets"},
            {"tcp://[2001:db8::1:80", "an IPv6 address stands in brackets"},
        };
        for (const Row& row : rows) {
            CHECK(read(row.text) == refused(row.text, row.what));
            CHECK(SocketAddress::parse(row.text).error().kind == slotd::model::ErrorKind::usage);
        }
    }

    TEST_CASE("it is printed as it was written, but safe for a terminal") {
        CHECK(SocketAddress::parse("unix:///run/a.sock")->text() == "unix:///run/a.sock");
        CHECK(SocketAddress::parse("/run/\x1b[31m\n")->text() == "/run/\\x1b[31m\\x0a");
        CHECK(read("run\n\\") == refused("run\\x0a\\\\", "this is no absolute path"));
    }

    TEST_CASE("a NUL, which would end the text early for the system, is refused") {
        CHECK(read(std::string("/run/a\0b", 8)) ==
              refused("/run/a\\x00b", "a socket's address holds no NUL"));
        CHECK(read(std::string("tcp://127.0.0.1\0.example.com:80", 31)) ==
              refused("tcp://127.0.0.1\\x00.example.com:80", "a socket's address holds no NUL"));
    }
}
