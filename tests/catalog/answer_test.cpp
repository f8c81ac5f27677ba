// SPDX-License-Identifier: MIT
#include "slotd/catalog/answer.hpp"

#include "support/answers.hpp"
#include "support/data.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;

namespace {

struct Row {
    std::string given;
    std::string expected;
};

std::string check(const std::string& id, const std::string& status,
                  const std::string& service_id = {}) {
    return R"({"CheckID":")" + id + R"(","Status":")" + status + R"(","ServiceID":")" + service_id +
           R"("})";
}

std::string on_node(const std::string& node, const std::string& id, const std::string& service) {
    return R"({"Node":{"Node":")" + node + R"("},"Service":{"Service":")" + service +
           R"(","ID":")" + id + R"(","Address":"10.0.0.1","Port":80}})";
}

const std::string web_a = R"("Service":"web","ID":"a","Address":"10.0.0.1","Port":80)";

}  // namespace

TEST_SUITE("answer") {
    TEST_CASE("what Consul 1.8.7 says of a service with all there is") {
        const std::string expected =
            "web-a on agent-1 127.0.0.1:8080 passing\n"
            "web-b on agent-1 10.0.0.2:8081 warning weight 10/2 tags prod,v2 meta note=line "
            "one\\x0aline two,zone=a\n"
            "web-c on agent-1 [2001:db8::3]:80 critical\n"
            "web-d on agent-1 10.0.0.4:80 passing maintenance\n"
            "web-a on ext-1 10.0.1.1:80 passing\n"
            "web-1 on ext-2 10.0.1.2:80 passing maintenance weight 7/0 tags prod\n"
            "web-1 on ext-3 10.0.1.3:80 critical\n"
            "refused web-x on ext-1: the address \"backend.example.com\" is a host name; register "
            "the instance with its IP address\n"
            "refused web-y on ext-1: port 0 is not between 1 and 65535\n"
            "refused web-z on ext-1: the address \"10.0.0.9\\x0aset server\" is no IP address\n";
        CHECK(read_answer(recorded("consul-1.8.7-health.json")) == expected);
    }

    TEST_CASE("a service without instances is an empty list, not a doubt") {
        for (const char* body : {"[]", " [ ] \n"}) {
            catalog::AnswerParser parser;
            CHECK(parser.parse(body, "web") == model::Answer(model::Instances()));
        }
    }

    TEST_CASE("address and port; the node's address where the instance has none") {
        const std::vector<Row> rows{
            {R"("Address":"10.0.0.1","Port":1)", "10.0.0.1:1"},
            {R"("Address":"10.0.0.1","Port":65535)", "10.0.0.1:65535"},
            {R"("Address":"2001:DB8:0::1","Port":80)", "[2001:db8::1]:80"},
            {R"("Address":"","Port":80)", "10.0.0.9:80"},
            {R"("Address":null,"Port":80)", "10.0.0.9:80"},
            {R"("Port":80)", "10.0.0.9:80"},
        };
        for (const Row& row : rows)
            CHECK(read_answer(one_entry(R"("Service":"web","ID":"a",)" + row.given)) ==
                  "a on n1 " + row.expected + " passing\n");
    }

    TEST_CASE("weights, tags and meta, each of them absent or null too") {
        const std::vector<Row> rows{
            {R"("Weights":{"Passing":7,"Warning":0})", " weight 7/0"},
            {R"("Weights":{"Passing":65535,"Warning":-1})", " weight 65535/-1"},
            {R"("Weights":{"Passing":3})", " weight 3/1"},
            {R"("Weights":{"Passing":null,"Warning":2})", " weight 1/2"},
            {R"("Weights":{})", ""},
            {R"("Weights":null)", ""},
            {R"("Tags":["prod","","a\nb","prod"])", " tags prod,,a\\x0ab,prod"},
            {R"("Tags":[])", ""},
            {R"("Tags":null)", ""},
            {R"("Meta":{"zone":"a","note":"x\u0000y"})", " meta zone=a,note=x\\x00y"},
            {R"("Meta":{})", ""},
            {R"("Meta":null)", ""},
            {R"("Connect":{"Native":true},"Proxy":{"Expose":{}},"New":[1,{"x":null}])", ""},
        };
        for (const Row& row : rows)
            CHECK(read_answer(one_entry(web_a + "," + row.given)) ==
                  "a on n1 10.0.0.1:80 passing" + row.expected + "\n");
    }

    TEST_CASE("the worst check of instance and node counts, an unknown status as critical") {
        const std::vector<Row> rows{
            {"", "passing"},
            {check("service:a", "passing", "a"), "passing"},
            {check("service:a", "warning", "a"), "warning"},
            {check("service:a", "critical", "a"), "critical"},
            {check("serfHealth", "passing") + "," + check("service:a", "warning", "a"), "warning"},
            {check("serfHealth", "critical") + "," + check("service:a", "warning", "a"),
             "critical"},
            {check("service:a:1", "warning", "a") + "," + check("service:a:2", "passing", "a"),
             "warning"},
            {check("service:a", "PASSING", "a"), "critical"},
            {check("service:a", "bogus", "a"), "critical"},
            {check("service:a", "", "a"), "critical"},
            {R"({"CheckID":"service:a","Status":null})", "critical"},
            {R"({"CheckID":"service:a"})", "critical"},
            {R"({"Status":"warning"})", "warning"},
        };
        for (const Row& row : rows)
            CHECK(read_answer(one_entry(web_a, row.given)) ==
                  "a on n1 10.0.0.1:80 " + row.expected + "\n");
    }

    TEST_CASE("maintenance of the instance or its node is no health") {
        const std::vector<Row> rows{
            {check("_service_maintenance:a", "critical", "a"), "passing maintenance"},
            {check("_node_maintenance", "critical"), "passing maintenance"},
            {check("_node_maintenance", "critical") + "," + check("service:a", "warning", "a"),
             "warning maintenance"},
            {check("service:a", "critical", "a") + "," +
                 check("_service_maintenance:a", "critical", "a"),
             "critical maintenance"},
            {check("_service_maintenance:a", "critical", "a") + "," +
                 check("_node_maintenance", "passing"),
             "passing maintenance"},
            {check("_node_maintenance", "passing"), "passing"},
            {check("_node_maintenance_window", "critical"), "critical"},
            {check("_service_maintenance", "critical", "a"), "critical"},
        };
        for (const Row& row : rows)
            CHECK(read_answer(one_entry(web_a, row.given)) ==
                  "a on n1 10.0.0.1:80 " + row.expected + "\n");
    }

    TEST_CASE("checks that are null or absent count as none") {
        for (const std::string checks : {R"(,"Checks":null)", ""})
            CHECK(read_answer(R"([{"Node":)" + node_n1 + R"(,"Service":{)" + web_a + "}" + checks +
                              "}]") == "a on n1 10.0.0.1:80 passing\n");
    }

    TEST_CASE("the order is Consul's, and one ID on two nodes is two instances") {
        const std::string body = "[" + on_node("n2", "b", "web") + "," + on_node("n1", "b", "web") +
                                 "," + on_node("n1", "a", "web") + "]";
        CHECK(read_answer(body) ==
              "b on n2 10.0.0.1:80 passing\n"
              "b on n1 10.0.0.1:80 passing\n"
              "a on n1 10.0.0.1:80 passing\n");
    }

    TEST_CASE("names of nodes and instances are kept as they are, but printed safely") {
        catalog::AnswerParser parser;
        const model::Answer answer =
            parser.parse("[" + on_node(R"(n\r\n\u0000)", R"(a;\u001b[31m\"/)", "web") + "]", "web");
        const auto& list = std::get<model::Instances>(answer).list;
        REQUIRE(list.size() == 1);
        CHECK(list[0].id == model::InstanceId(std::string("n\r\n\0", 4), "a;\x1b[31m\"/"));
        CHECK(show(list[0]) == "a;\\x1b[31m\"/ on n\\x0d\\x0a\\x00 10.0.0.1:80 passing");
    }

    TEST_CASE("entries of other services are dropped, case does not count") {
        const std::string body = "[" + on_node("n1", "a", "WEB") + "," +
                                 on_node("n1", "b", R"(web\u0000evil)") + "," +
                                 on_node("n1", "c", "web2") + "," + on_node("n1", "d", "we") + "," +
                                 on_node("n1", "e", "") + "," + on_node("n1", "f", "Web") + "]";
        const std::string expected =
            "a on n1 10.0.0.1:80 passing\n"
            "f on n1 10.0.0.1:80 passing\n";
        CHECK(read_answer(body, "web") == expected);
        CHECK(read_answer(body, "wEB") == expected);
    }

    TEST_CASE("ten thousand instances are one answer, and the next one is as good") {
        std::string body = "[";
        for (int i = 0; i < 10'000; ++i)
            body += (i == 0 ? "" : ",") + on_node("n1", "web-" + std::to_string(i), "web");
        body += "]";
        catalog::AnswerParser parser;
        for (int i = 0; i < 2; ++i) {
            const model::Answer answer = parser.parse(body, "web");
            const auto& list = std::get<model::Instances>(answer).list;
            REQUIRE(list.size() == 10'000);
            CHECK(list.front().id.id == "web-0");
            CHECK(list.back().id.id == "web-9999");
            CHECK(show(parser.parse(one_entry(web_a), "web")) == "a on n1 10.0.0.1:80 passing\n");
        }
    }
}
