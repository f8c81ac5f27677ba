// SPDX-License-Identifier: MIT
#include "slotd/catalog/answer.hpp"
#include "support/answers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

struct UnreadableRow {
    std::string given;
    std::string expected;
};

const std::string cannot = "unreadable-answer: Consul's answer can't be read: ";

const std::string sample = one_entry(
    R"("Service":"web","ID":"a","Address":"10.0.0.1","Port":80,"Tags":["t"],"Meta":{"k":"v\n"},)"
    R"("Weights":{"Passing":1,"Warning":1})",
    R"({"CheckID":"service:a","Status":"passing"})");

bool is_unreadable(const std::string& body) {
    catalog::AnswerParser parser;
    const model::Answer answer = parser.parse(body, "web");
    const auto* unknown = std::get_if<model::Unknown>(&answer);
    return unknown && unknown->doubt == model::Doubt::unreadable_answer &&
           unknown->detail.starts_with("Consul's answer can't be read: ");
}

std::string with(const std::string& field) {
    return one_entry(R"("Service":"web","ID":"a","Address":"10.0.0.1","Port":80,)" + field);
}

}  // namespace

TEST_SUITE("answer that can't be read") {
    TEST_CASE("a document that ends early, wherever") {
        CHECK_FALSE(is_unreadable(sample));
        for (std::size_t length = 0; length < sample.size(); ++length) {
            CAPTURE(length);
            CHECK(is_unreadable(sample.substr(0, length)));
        }
    }

    TEST_CASE("what is no JSON, also in a field nobody reads") {
        for (const std::string body : {"", " ", "No cluster leader", "<html></html>", "[}", "[1 2]",
                                       "[,]", "[]]", "{]", "'[]'", "[NaN]", "[01]", "nul"}) {
            CAPTURE(body);
            CHECK(is_unreadable(body));
        }
        for (const std::string value :
             {"nul", "01", "1.", "-", "\"\\q\"", "\"\\ud800\"", "\"a\nb\"", "[1}", "tru", "'x'"}) {
            CAPTURE(value);
            CHECK(is_unreadable(with("\"Proxy\":" + value)));
        }
    }

    TEST_CASE("text after the document, or a byte order mark before it") {
        for (const std::string& body : {sample + sample, sample + "x", sample + "]",
                                        "\xef\xbb\xbf" + sample, sample + std::string(1, '\0')})
            CHECK(is_unreadable(body));
        CHECK_FALSE(is_unreadable(sample + " \r\n"));
    }

    TEST_CASE("bytes that are no UTF-8, wherever") {
        for (const std::string bytes :
             {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
            CHECK(is_unreadable(with("\"Meta\":{\"k\":\"" + bytes + "\"}")));
            CHECK(is_unreadable(with("\"Proxy\":{\"" + bytes + "\":1}")));
        }
    }

    TEST_CASE("nesting without end") {
        const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
        CHECK(is_unreadable(deep));
        CHECK(is_unreadable(with("\"Proxy\":" + deep)));
        CHECK_FALSE(
            is_unreadable(with("\"Proxy\":" + std::string(500, '[') + std::string(500, ']'))));
    }

    TEST_CASE("a document that is no array") {
        const std::vector<UnreadableRow> rows{
            {"{}", "an object"},   {"null", "null"},  {"\"web\"", "a string"},
            {"true", "a boolean"}, {"1", "a number"}, {R"({"errors":[]})", "an object"},
        };
        for (const UnreadableRow& row : rows)
            CHECK(read_answer(row.given) ==
                  cannot + "the document is " + row.expected + ", not an array");
    }

    TEST_CASE("an entry without its parts") {
        const std::string service = R"("Service":{"Service":"web"})";
        const std::vector<UnreadableRow> rows{
            {"1", "[0] is a number, not an object"},
            {"[]", "[0] is an array, not an object"},
            {"null", "[0] is null, not an object"},
            {"{}", "[0].Node is missing"},
            {R"({"Node":null})", "[0].Node is missing"},
            {R"({"Node":[]})", "[0].Node is an array, not an object"},
            {R"({"Node":{}})", "[0].Service is missing"},
            {R"({"Node":{},"Service":null})", "[0].Service is missing"},
            {R"({"Node":{},"Service":"web"})", "[0].Service is a string, not an object"},
            {R"({"Node":{"Node":7},)" + service + "}", "[0].Node.Node is a number, not a string"},
            {R"({"Node":{"Address":{}},)" + service + "}",
             "[0].Node.Address is an object, not a string"},
        };
        for (const UnreadableRow& row : rows)
            CHECK(read_answer("[" + row.given + "]") == cannot + row.expected);
    }

    TEST_CASE("a field of another type") {
        const std::vector<UnreadableRow> rows{
            {R"("Service":7)", "Service.Service is a number, not a string"},
            {R"("Service":"web","ID":[])", "Service.ID is an array, not a string"},
            {R"("Service":"web","Address":true)", "Service.Address is a boolean, not a string"},
            {R"("Service":"web","Port":"80")", "Service.Port is a string, not a whole number"},
            {R"("Service":"web","Port":80.0)", "Service.Port is a number, not a whole number"},
            {R"("Service":"web","Port":18446744073709551615)",
             "Service.Port is a number, not a whole number"},
            {R"("Service":"web","Port":[])", "Service.Port is an array, not a whole number"},
        };
        for (const UnreadableRow& row : rows)
            CHECK(read_answer(one_entry(row.given)) == cannot + "[0]." + row.expected);

        const std::vector<UnreadableRow> more{
            {R"("Tags":"prod")", "Service.Tags is a string, not an array"},
            {R"("Tags":{})", "Service.Tags is an object, not an array"},
            {R"("Tags":["prod",1])", "Service.Tags is a number, not a string"},
            {R"("Tags":[null])", "Service.Tags is null, not a string"},
            {R"("Meta":[])", "Service.Meta is an array, not an object"},
            {R"("Meta":{"zone":1})", "Service.Meta is a number, not a string"},
            {R"("Meta":{"zone":null})", "Service.Meta is null, not a string"},
            {R"("Weights":1)", "Service.Weights is a number, not an object"},
            {R"("Weights":{"Passing":"1"})",
             "Service.Weights.Passing is a string, not a whole number"},
            {R"("Weights":{"Warning":0.5})",
             "Service.Weights.Warning is a number, not a whole number"},
        };
        for (const UnreadableRow& row : more)
            CHECK(read_answer(with(row.given)) == cannot + "[0]." + row.expected);
    }

    TEST_CASE("a check of another type") {
        const std::string service = R"("Service":"web","ID":"a","Port":80)";
        const std::vector<UnreadableRow> rows{
            {"1", "[0].Checks is a number, not an object"},
            {"null", "[0].Checks is null, not an object"},
            {R"({"Status":1})", "[0].Checks.Status is a number, not a string"},
            {R"({"Status":"passing","CheckID":{}})",
             "[0].Checks.CheckID is an object, not a string"},
        };
        for (const UnreadableRow& row : rows)
            CHECK(read_answer(one_entry(service, row.given)) == cannot + row.expected);
        CHECK(read_answer(R"([{"Node":{},"Service":{"Service":"web","Address":"10.0.0.1",)"
                          R"("Port":80},"Checks":{}}])") ==
              cannot + "[0].Checks is an object, not an array");
    }

    TEST_CASE("one bad entry makes the whole list unknown, and says which one it is") {
        const std::string good = sample.substr(1, sample.size() - 2);
        CHECK(read_answer("[" + good + "," + good + R"(,{"Node":{}},)" + good + "]") ==
              cannot + "[2].Service is missing");
    }

    TEST_CASE("after it the parser reads on") {
        catalog::AnswerParser parser;
        for (const std::string& bad : {std::string("["), std::string("\xff"), std::string("[1]"),
                                       "[" + std::string(1'000'000, ' ')}) {
            CHECK(std::holds_alternative<model::Unknown>(parser.parse(bad, "web")));
            CHECK(std::holds_alternative<model::Instances>(parser.parse(sample, "web")));
        }
    }
}
