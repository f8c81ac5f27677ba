// SPDX-License-Identifier: MIT
#include "slotd/catalog/answer.hpp"
#include "support/answers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

std::string read(const std::string& body, const std::string& key = "lb/web") {
    catalog::AnswerParser parser;
    const auto value = parser.parse_value(body, key);
    return value ? "value: " + *value : to_string(value.error());
}

// As Consul 1.8.7 answers; `value` is JSON.
std::string body_with(const std::string& value, const std::string& key = "lb/web") {
    return R"([{"LockIndex":0,"Key":")" + key + R"(","Flags":0,"Value":)" + value +
           R"(,"CreateIndex":12,"ModifyIndex":15}])";
}

}  // namespace

TEST_SUITE("answer with a key") {
    TEST_CASE("the value is in base64, any bytes") {
        CHECK(read(body_with("\"c2VydmVyIGEgMTAuMC4wLjE6ODAK\"")) ==
              "value: server a 10.0.0.1:80\n");
        CHECK(read(body_with("\"AP+/fw==\"")) == std::string("value: \0\xff\xbf\x7f", 11));
        CHECK(read(body_with("null", "a \\\"b\\u00e9"), "a \"b\xc3\xa9") == "value: ");
    }

    TEST_CASE("base64 is taken as it must be, padding and unused bits included") {
        for (const auto& [text, bytes] : std::vector<std::pair<std::string, std::string>>{
                 {"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"Zm9vYg==", "foob"}})
            CHECK(read(body_with("\"" + text + "\"")) == "value: " + bytes);
        for (const char* other :
             {"I", "Iw", "Iw=", "Iw===", "=", "====", "Ix==", "IyB=", "Iw==Iw==", "IyAj\\n", "Iy A",
              "IyA-", "IyA_", "I=w=", "\xc3\xa9=="}) {
            CAPTURE(other);
            CHECK(read(body_with("\"" + std::string(other) + "\"")) ==
                  "Consul's answer can't be read: [0].Value is no base64");
        }
    }

    TEST_CASE("an empty value is null") {
        CHECK(read(body_with("null")) == "value: ");
    }

    TEST_CASE("another document, another key, or no base64 is unreadable") {
        struct Row {
            std::string body;
            std::string why;
        };
        const std::vector<Row> rows{
            {"{}", "the document is an object, not an array"},
            {"[]", "it has 0 keys, not one"},
            {"[{},{}]", "it has 2 keys, not one"},
            {"[1]", "[0] is a number, not an object"},
            {"[{}]", "[0].Key is another one"},
            {body_with("null", "lb/webs"), "[0].Key is another one"},
            {body_with("1"), "[0].Value is a number, not a string"},
            {body_with("\"c2VydmVyIGE\""), "[0].Value is no base64"},
        };
        const std::string before = "Consul's answer can't be read: ";
        for (const Row& row : rows) {
            CAPTURE(row.body);
            CHECK(read(row.body) == before + row.why);
        }
        for (const char* no_json : {"", "server a 10.0.0.1:80", "<html>"})
            CHECK(read(no_json).starts_with(before));
    }

    TEST_CASE("an answer that is cut anywhere is unreadable") {
        const std::string whole = body_with("\"c2VydmVyIGEgMTAuMC4wLjE6ODA=\"");
        CHECK(read(whole) == "value: server a 10.0.0.1:80");
        for (std::size_t length = 0; length < whole.size(); ++length)
            CHECK(read(whole.substr(0, length)).starts_with("Consul's answer can't be read: "));
    }

    TEST_CASE("the parser goes on after a large answer, and after a health answer") {
        catalog::AnswerParser parser;
        std::string text;
        for (int i = 0; i < 100'000; ++i) text += "IyAj";
        CHECK(parser.parse_value(body_with("\"" + text + "\""), "lb/web")->size() == 300'000);
        CHECK(show(parser.parse("[]", "web")).empty());
        CHECK(*parser.parse_value(body_with("\"Zm9v\""), "lb/web") == "foo");
    }
}
