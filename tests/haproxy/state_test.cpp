// SPDX-License-Identifier: MIT
#include "slotd/haproxy/state.hpp"

#include "support/data.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using slotd::testing::recorded;
using Lines = std::vector<std::string>;

namespace {

const std::string columns =
    "# be_id be_name srv_id srv_name srv_addr srv_admin_state srv_uweight "
    "srv_time_since_last_change srv_fqdn srv_port";

/// "3/1 web/s1 ready 10.0.0.1:80 weight 3 for 0 web.service.slots.invalid"
std::string show(const model::Server& server) {
    return std::to_string(server.backend_id) + "/" + std::to_string(server.server_id) + " " +
           to_string(server.id) + " " + std::string(to_string(server.admin)) + " " +
           (server.at ? to_string(*server.at) : "-") + " weight " +
           std::to_string(server.weight.value()) + " for " +
           std::to_string(server.since_change.count()) +
           (server.host_name.empty() ? "" : " " + server.host_name);
}

Lines servers_of(const std::string& reply) {
    const auto servers = haproxy::parse_servers_state(reply);
    if (!servers)
        return {to_string(servers.error())};
    Lines lines;
    for (const model::Server& server : *servers) lines.push_back(show(server));
    return lines;
}

Lines servers_in(const std::string& line) {
    return servers_of("1\n" + columns + "\n" + line + "\n\n");
}

model::Admin admin_of(int bits) {
    return haproxy::parse_servers_state("1\n" + columns + "\n3 web 1 s1 10.0.0.1 " +
                                        std::to_string(bits) + " 1 0 - 80\n\n")
        ->front()
        .admin;
}

std::string unreadable(const std::string& what) {
    return "`show servers state`: HAProxy's answer can't be read: " + what +
           " (please report it with HAProxy's version)";
}

}  // namespace

TEST_SUITE("show servers state") {
    TEST_CASE("what real ones answer is read whole") {
        const auto at_rest = [](const std::string& version) {
            // 3.x does not say when a drain began.
            const std::string drained = version == "2.6" ? "0" : "1";
            return Lines{
                "3/1 web/s1 ready 10.0.0.1:80 weight 3 for 0 web.service.slots.invalid",
                "3/2 web/s2 drain [2001:db8::2]:8080 weight 1 for 0 web.service.slots.invalid",
                "3/3 web/s3 maint 127.0.0.1:1 weight 1 for 1 web.service.slots.invalid",
                "3/4 web/fixed ready 127.0.0.9:8080 weight 5 for 1",
                "3/5 web/none maint - weight 1 for 1 none.invalid",
                "3/6 web/noport drain - weight 1 for " + drained,
                "3/7 web/path ready - weight 1 for 1",
                "4/1 hash/h1 maint 127.0.0.1:1 weight 1 for 1 slots.invalid",
                "4/2 hash/h2 maint 127.0.0.1:1 weight 1 for 1 slots.invalid"};
        };
        for (const std::string version : {"2.6", "3.0"})
            CHECK(servers_of(recorded("haproxy-" + version + "-servers-state.txt")) ==
                  at_rest(version));
    }

    TEST_CASE("columns are found by name: HAProxy 2.2 has fewer, in another order any will do") {
        CHECK(servers_of("1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state "
                         "srv_uweight srv_iweight srv_time_since_last_change srv_check_status "
                         "srv_check_result srv_check_health srv_check_state srv_agent_state "
                         "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord\n"
                         "3 web 1 s1 10.0.0.1 2 4 3 1 7 6 3 4 6 0 0 0 slots.invalid 80 -\n") ==
              Lines{"3/1 web/s1 ready 10.0.0.1:80 weight 3 for 7 slots.invalid"});
        CHECK(servers_of("1\n# srv_port srv_name new be_name be_id srv_id srv_fqdn srv_addr "
                         "srv_uweight srv_time_since_last_change srv_admin_state\n"
                         "80 s1 ? web 3 1 - 10.0.0.1 3 7 8\n") ==
              Lines{"3/1 web/s1 drain 10.0.0.1:80 weight 3 for 7"});
    }

    TEST_CASE("the weight of the line is told from the one of now") {
        const auto line_weight = [](const std::string& header, const std::string& line) {
            const auto servers =
                haproxy::parse_servers_state("1\n" + header + "\n" + line + "\n\n");
            REQUIRE(servers);
            CHECK(servers->front().weight.value() == 3);
            return servers->front().line_weight.value();
        };
        const std::string line = "3 web 1 s1 10.0.0.1 4 3 0 - 80";
        CHECK(line_weight(columns + " srv_iweight", line + " 10") == 10);
        CHECK(line_weight(columns, line) == 1);
        for (const std::string version : {"2.6", "3.0"}) {
            const auto servers =
                haproxy::parse_servers_state(recorded("haproxy-" + version + "-servers-state.txt"));
            REQUIRE(servers);
            CHECK((*servers)[0].weight.value() == 3);  // by hand
            CHECK((*servers)[0].line_weight.value() == 1);
            CHECK((*servers)[3].line_weight.value() == 5);
        }
    }

    TEST_CASE("a column that is missing is named") {
        for (const std::string name :
             {"be_id", "be_name", "srv_id", "srv_name", "srv_addr", "srv_admin_state",
              "srv_uweight", "srv_time_since_last_change", "srv_fqdn", "srv_port"}) {
            std::string header = columns;
            header.replace(header.find(" " + name) + 1, name.size(), "x");
            CHECK(servers_of("1\n" + header + "\n") ==
                  Lines{unreadable("no column " + name + " in the line \"" + header + "\"")});
        }
    }

    TEST_CASE("the admin bits are read as HAProxy means them") {
        // 1 forced, 2 inherited, 32 by DNS: maint. 8 forced, 16 inherited: drain. 4: configured
        // `disabled`, which stays. 64: maint from a host name that does not resolve.
        for (const int bits : {1, 2, 5, 9, 13, 32, 33, 36, 37, 40, 64, 68, 127})
            CHECK(admin_of(bits) == model::Admin::maint);
        for (const int bits : {8, 12, 16, 24, 28}) CHECK(admin_of(bits) == model::Admin::drain);
        for (const int bits : {0, 4}) CHECK(admin_of(bits) == model::Admin::ready);
    }

    TEST_CASE("a server without a number, and all beside it, are of a backend that is disabled") {
        // As 2.6 and 3.0 show it.
        const auto servers = haproxy::parse_servers_state(
            "1\n" + columns +
            "\n3 web 7 s1 - 5 1 0 - 1\n3 web 0 s2 - 5 1 0 - 1\n4 api 1 s1 - 5 1 0 - 1\n\n");
        REQUIRE(servers);
        CHECK((*servers)[0].backend_disabled);  // its line has `id 7`
        CHECK((*servers)[1].backend_disabled);
        CHECK_FALSE((*servers)[2].backend_disabled);
    }

    TEST_CASE("a reply cut anywhere is never taken for another one") {
        const std::string whole = recorded("haproxy-3.0-servers-state.txt");
        const Lines all = servers_of(whole);
        for (std::size_t cut = 0; cut < whole.size(); ++cut) {
            CAPTURE(cut);
            const auto some = haproxy::parse_servers_state(whole.substr(0, cut));
            if (!some)
                continue;
            REQUIRE(some->size() <= all.size());
            for (std::size_t i = 0; i < some->size(); ++i) REQUIRE(show((*some)[i]) == all[i]);
        }
    }

    TEST_CASE("a change that is younger than the answer was made just now") {
        CHECK(servers_in("3 web 1 s1 10.0.0.1 4 1 -1 - 80") ==
              Lines{"3/1 web/s1 ready 10.0.0.1:80 weight 1 for 0"});
    }

    TEST_CASE("a line that can't be read is an error that shows it, the others do not hide it") {
        struct Row {
            std::string line;
            std::string what;
        };
        const std::vector<Row> rows{
            {"3 web 1 s1 10.0.0.1 4 1 0 -", "no srv_port"},
            {"3 web 1", "no srv_name"},
            {"x web 1 s1 10.0.0.1 4 1 0 - 80", "be_id is no number"},
            {"3 web -1 s1 10.0.0.1 4 1 0 - 80", "srv_id is no number"},
            {"3 web 1 s1 10.0.0.1 0x4 1 0 - 80", "srv_admin_state is no number"},
            {"3 web 1 s1 10.0.0.1 4 1.5 0 - 80", "srv_uweight is no number"},
            {"3 web 1 s1 10.0.0.1 4 1 soon - 80", "srv_time_since_last_change is no number"},
            {"3 web 1 s1 10.0.0.1 4 1 0 - -", "srv_port is no number"},
            {"3 w;b 1 s1 10.0.0.1 4 1 0 - 80", "a name with strange characters"},
        };
        for (const Row& row : rows)
            CHECK(servers_in("3 web 9 s9 10.0.0.9 4 1 0 - 80\n" + row.line) ==
                  Lines{unreadable(row.what + " in the line \"" + row.line + "\"")});
    }

    TEST_CASE("servers are left out as they are read, what else stands there is kept") {
        // With an unknown column first, a server's line may begin with "# " as the columns' does.
        const std::string head =
            "1\n# new be_id be_name srv_id srv_name srv_addr srv_admin_state "
            "srv_uweight srv_time_since_last_change srv_fqdn srv_port\n";
        const std::string first = "# 3 web 1 s1 10.0.0.1 0 1 0 - 80\n";
        const std::string second = "# 3 web 2 s2 10.0.0.2 0 1 0 - 80\n";
        const auto id = [](std::string_view server) {
            return model::SlotId(*model::BackendName::parse("web"),
                                 *model::ServerName::parse(server));
        };
        const std::string all = head + first + second + "\n";
        REQUIRE(servers_of(all).size() == 2);
        CHECK(haproxy::without_servers(all, {}) == all);
        CHECK(haproxy::without_servers(all, {id("s1")}) == head + second + "\n");
        CHECK(haproxy::without_servers(all, {id("s2")}) == head + first + "\n");
        CHECK(haproxy::without_servers(all, {id("s1"), id("s2")}) == head + "\n");
    }

    TEST_CASE("another answer than a table is an error") {
        CHECK(servers_of("Can't find backend.\n") ==
              Lines{"`show servers state`: Can't find backend."});
        CHECK(servers_of("Permission denied\n") ==
              Lines{"`show servers state`: Permission denied (the `stats socket` line needs "
                    "`level admin`)"});
        CHECK(servers_of("2\n" + columns + "\n") ==
              Lines{unreadable("not version 1 in the line \"2\"")});
        CHECK(servers_of("") == Lines{unreadable("not version 1 in the line \"\"")});
        CHECK(servers_of("1\n3 web 1 s1\n") ==
              Lines{unreadable("no columns in the line \"3 web 1 s1\"")});
        CHECK(servers_of("1\n" + columns + "\n\n").empty());
        CHECK(servers_of("1\n" + columns + "\n3 web 1 s1 10.0.0.1 4 1 0 - 8") ==
              Lines{unreadable("no end in the line \"3 web 1 s1 10.0.0.1 4 1 0 - 8\"")});
    }

    TEST_CASE("a port of 0 or an address that is none leaves the slot without a place") {
        CHECK(servers_in("3 web 1 s1 10.0.0.1 4 1 0 - 0") ==
              Lines{"3/1 web/s1 ready - weight 1 for 0"});
        CHECK(servers_in("3 web 1 s1 - 37 1 0 slots.invalid 80") ==
              Lines{"3/1 web/s1 maint - weight 1 for 0 slots.invalid"});
    }
}

TEST_SUITE("show info") {
    TEST_CASE("what real ones answer is read") {
        const auto older = haproxy::parse_info(recorded("haproxy-2.6-info.txt"));
        REQUIRE(older);
        CHECK(older->version == "2.6.12-1+deb12u4");
        CHECK(older->uptime == 1);
        CHECK(older->pid > 1);
        CHECK(older->started > 1'700'000'000);
        CHECK_FALSE(older->stopping);
        const auto newer = haproxy::parse_info(recorded("haproxy-3.0-info.txt"));
        REQUIRE(newer);
        CHECK(newer->version == "3.0.11-1+deb13u5");
        CHECK(newer->pid != older->pid);
    }

    TEST_CASE("HAProxy 2.2 has no start time; an old worker says that it stops") {
        const auto process =
            haproxy::parse_info("Version: 2.2.9\nPid: 7\nUptime_sec: 3\nStopping: 1\n");
        REQUIRE(process);
        CHECK(process->started == 0);
        CHECK(process->stopping);
    }

    TEST_CASE("without a pid or an uptime it is no answer") {
        const auto error_of = [](const std::string& reply) {
            return to_string(haproxy::parse_info(reply).error());
        };
        const std::string begin = "`show info`: HAProxy's answer can't be read: ";
        const std::string end = " (please report it with HAProxy's version)";
        CHECK(error_of("") == begin + "no Pid" + end);
        CHECK(error_of("Permission denied\n") == begin + "no Pid" + end);
        CHECK(error_of("Pid: 7\n") == begin + "no Uptime_sec" + end);
        CHECK(error_of("Pid: seven\n") == begin + "\"Pid: seven\" is no number" + end);
    }
}

TEST_SUITE("show stat") {
    TEST_CASE("what real ones answer is read") {
        for (const std::string version : {"2.6", "3.0"}) {
            const auto stats = haproxy::parse_stat(recorded("haproxy-" + version + "-stat.txt"));
            REQUIRE(stats);
            REQUIRE(stats->size() == 7);
            const haproxy::ServerStat& first = stats->front();
            CHECK(first.backend == "web");
            CHECK(first.server == "s1");
            CHECK(first.weight == 3);
            CHECK(first.status == "UP 1/3");
            CHECK(first.check_status == "INI");
            CHECK(stats->at(4).status == "MAINT (resolution)");
        }
    }

    TEST_CASE("columns are found by name, texts may be quoted") {
        const auto stats = haproxy::parse_stat(
            "# svname,check_status,scur,new,qcur,pxname,status,weight,lastchg\n"
            "s1,\"* L4\"\"OK, 3\",7,,2,web,UP,1,60\n\n");
        REQUIRE(stats);
        REQUIRE(stats->size() == 1);
        CHECK(stats->front().sessions == 7);
        CHECK(stats->front().queued == 2);
        CHECK(stats->front().last_change == 60);
        CHECK(stats->front().check_status == "* L4\"OK, 3");
    }

    TEST_CASE("no server is an empty list, anything else an error that shows the line") {
        const std::string header = "# pxname,svname,qcur,scur,status,weight,lastchg,check_status\n";
        const auto error_of = [](const std::string& reply) {
            return to_string(haproxy::parse_stat(reply).error());
        };
        const std::string begin = "`show stat`: HAProxy's answer can't be read: ";
        const std::string end = " (please report it with HAProxy's version)";
        CHECK(haproxy::parse_stat(header + "\n")->empty());
        CHECK(error_of("No such proxy.\n") == begin + "no columns in \"No such proxy.\"" + end);
        CHECK(error_of("# pxname,svname\n") == begin + "no column qcur" + end);
        CHECK(error_of(header + "web,s1,0,0,UP\n") ==
              begin + "no weight in the line \"web,s1,0,0,UP\"" + end);
        CHECK(error_of(header + "web,s1,0,,UP,1,0,\n") ==
              begin + "scur is no number in the line \"web,s1,0,,UP,1,0,\"" + end);
        CHECK(error_of(header + "web,s1,-1,0,UP,1,0,\n") ==
              begin + "qcur is no number in the line \"web,s1,-1,0,UP,1,0,\"" + end);
    }
}
