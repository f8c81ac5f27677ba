// SPDX-License-Identifier: MIT
#include "slotd/admin/request.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace slotd;
using admin::Request;
using admin::RequestParser;
using State = admin::RequestParser::State;

namespace {

const std::string host = "Host: localhost\r\n";

RequestParser parse(const std::string& text) {
    RequestParser parser;
    parser.feed(text);
    return parser;
}

std::string get(const std::string& target, const std::string& headers = host) {
    return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}

/// "400 why", "more" or "whole".
std::string outcome(const RequestParser& parser) {
    switch (parser.state()) {
        case State::more:
            return "more";
        case State::whole:
            return "whole";
        case State::refused:
            return std::to_string(parser.refusal().status) + " " + parser.refusal().why;
    }
    return {};
}

}  // namespace

TEST_SUITE("request") {
    TEST_CASE("a head is read to its values") {
        const RequestParser parser = parse(
            "POST /v1/pause?backend=we%62&for=30m&a=b+c%2B&flag HTTP/1.1\r\nHOST:localhost:1\r\n"
            "Accept:\t text/html \r\nX-Empty:\r\n\r\n");
        REQUIRE(outcome(parser) == "whole");
        const Request& request = parser.request();
        CHECK(request.method == "POST");
        CHECK(request.path == "/v1/pause");
        CHECK(request.query ==
              Request::Fields{{"backend", "web"}, {"for", "30m"}, {"a", "b c+"}, {"flag", ""}});
        CHECK(request.headers ==
              Request::Fields{{"host", "localhost:1"}, {"accept", "text/html"}, {"x-empty", ""}});
        CHECK(*request.header("accept") == "text/html");
        CHECK(request.header("Accept") == nullptr);
        CHECK(*request.parameter("for") == "30m");
        CHECK(request.parameter("backen") == nullptr);
        CHECK_FALSE(request.is_1_0);
        CHECK(parse("GET / HTTP/1.0\r\n\r\n").request().is_1_0);
    }

    TEST_CASE("it does not matter how the bytes are cut, and what follows is left alone") {
        const std::string text = get("/v1/events?after=1", host + "Accept: */*\r\n");
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            RequestParser parser;
            parser.feed(text.substr(0, cut));
            CHECK(outcome(parser) == (cut < text.size() ? "more" : "whole"));
            parser.feed(text.substr(cut) + "\x01\x02 more");
            CHECK(outcome(parser) == "whole");
            CHECK(parser.request().path == "/v1/events");
        }
        CHECK_FALSE(RequestParser().has_begun());
        CHECK(parse("G").has_begun());
    }

    TEST_CASE("what can be read in two ways is refused") {
        const std::vector<std::pair<std::string, std::string>> rows{
            {"GET / HTTP/1.1\n", "400 an LF without its CR"},
            {"GET / HTTP/1.1\rX", "400 a CR without its LF"},
            {"\r\n", "400 the first line is no METHOD TARGET VERSION"},
            {"GET /\r\n", "400 the first line is no METHOD TARGET VERSION"},
            {"GET  / HTTP/1.1\r\n", "400 the target must begin with a slash"},
            {"GET / /x HTTP/1.1\r\n", "400 the target has characters that must be percent-encoded"},
            {" / HTTP/1.1\r\n", "400 the method is no word"},
            {"G(T / HTTP/1.1\r\n", "400 the method is no word"},
            {"GET / http/1.1\r\n", "400 the first line ends with no version of HTTP"},
            {"GET / HTTP/1.1x\r\n", "400 the first line ends with no version of HTTP"},
            {"GET / HTTP/2.0\r\n", "505 HTTP/1.0 and 1.1 only"},
            {"GET http://localhost/ HTTP/1.1\r\n", "400 the target must begin with a slash"},
            {"GET * HTTP/1.1\r\n", "400 the target must begin with a slash"},
            {"GET /\xc3\xa9 HTTP/1.1\r\n",
             "400 the target has characters that must be percent-encoded"},
            {"GET /?a=%4 HTTP/1.1\r\n", "400 \"a=%4\" in the query is no NAME=VALUE"},
            {"GET /?a=%zz HTTP/1.1\r\n", "400 \"a=%zz\" in the query is no NAME=VALUE"},
            {"GET /?=1 HTTP/1.1\r\n", "400 \"=1\" in the query is no NAME=VALUE"},
            {"GET /?a=1&&b=2 HTTP/1.1\r\n", "400 \"\" in the query is no NAME=VALUE"},
            {"GET /?a=1&%61=2 HTTP/1.1\r\n", "400 \"a\" stands in the query twice"},
            {"GET / HTTP/1.1\r\nA : b\r\n", "400 a header is no NAME: VALUE"},
            {"GET / HTTP/1.1\r\nA\r\n", "400 a header is no NAME: VALUE"},
            {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n", "400 a header is no NAME: VALUE"},
            {"GET / HTTP/1.1\r\nA: b\x01", "400 a control character"},
            {std::string("GET /\0", 6), "400 a control character"},
            {"\x16\x03\x01\x02", "400 a control character"},
            {get("/", ""), "400 one Host header is needed"},
            {get("/", host + host), "400 one Host header is needed"},
            {get("/", host + "Content-Length: 1\r\n"), "413 no body is taken"},
            {get("/", host + "Content-Length: -0\r\n"), "400 Content-Length is no one number"},
            {get("/", host + "Content-Length:\r\n"), "400 Content-Length is no one number"},
            {get("/", host + "Content-Length: 0\r\nContent-Length: 1\r\n"),
             "400 Content-Length is no one number"},
            {get("/", host + "Transfer-Encoding: chunked\r\n"), "501 no body is taken"},
        };
        for (const auto& [text, expected] : rows) {
            CAPTURE(text);
            CHECK(outcome(parse(text)) == expected);
        }
        CHECK(outcome(parse(get("/", host + "Content-Length: 00\r\n"))) == "whole");
    }

    TEST_CASE("a head has 8 kB, its first line half of that") {
        const std::size_t line = std::string("GET / HTTP/1.1").size();
        const std::string rest(RequestParser::most_first_line - line, 'a');
        CHECK(outcome(parse(get("/" + rest))) == "whole");
        CHECK(outcome(parse(get("/a" + rest))) == "414 the first line is longer than 4096 bytes");
        CHECK(outcome(parse(std::string(5000, 'a'))) ==
              "414 the first line is longer than 4096 bytes");

        const std::size_t fixed = get("/", host + "A: \r\n").size();
        const std::string value(RequestParser::most_head - fixed, 'a');
        CHECK(outcome(parse(get("/", host + "A: " + value + "\r\n"))) == "whole");
        CHECK(outcome(parse(get("/", host + "A: a" + value + "\r\n"))) ==
              "431 the head is longer than 8192 bytes");
    }
}
