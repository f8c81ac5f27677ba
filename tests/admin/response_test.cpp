// SPDX-License-Identifier: MIT
#include "slotd/admin/response.hpp"

#include <doctest/doctest.h>

using namespace slotd;

TEST_SUITE("response") {
    TEST_CASE("a head closes the connection, and lets a browser do nothing with the body") {
        admin::Response response(405, "the methods are POST");
        response.allow = "POST";
        CHECK(response.body == "the methods are POST\n");
        CHECK(head_of(response) ==
              "HTTP/1.1 405 Method Not Allowed\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Length: 21\r\n"
              "Allow: POST\r\n"
              "Connection: close\r\n"
              "Cache-Control: no-store\r\n"
              "X-Content-Type-Options: nosniff\r\n"
              "Cross-Origin-Resource-Policy: same-origin\r\n"
              "Referrer-Policy: no-referrer\r\n"
              "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n");
    }

    TEST_CASE("a stream has no length") {
        admin::Response response = admin::Response::json("{}");
        response.is_stream = true;
        CHECK(head_of(response).find("Content-Length") == std::string::npos);
        CHECK(head_of(response).find("Content-Type: application/json\r\n") != std::string::npos);
    }
}
