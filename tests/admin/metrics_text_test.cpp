// SPDX-License-Identifier: MIT
#include "slotd/admin/metrics_text.hpp"

#include "support/status.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using Lines = std::vector<std::string>;

namespace {

Lines lines_of(const sync::Status& status, const sync::Metrics& metrics = {}) {
    admin::Usage usage;
    usage.cpu_seconds = 1.5;
    usage.resident_bytes = 4096;
    Lines lines;
    std::istringstream in(admin::metrics_text(status, metrics, true, usage));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// The samples of the family, without its name.
Lines samples(const Lines& lines, const std::string& family) {
    Lines found;
    for (const std::string& line : lines)
        if (line.starts_with(family + "{") || line.starts_with(family + " "))
            found.push_back(line.substr(family.size()));
    return found;
}

Lines samples(const sync::Status& status, const std::string& family) {
    return samples(lines_of(status), family);
}

}  // namespace

TEST_SUITE("metrics_text") {
    TEST_CASE("every family has its HELP and TYPE once, before its samples") {
        sync::Status status = one_haproxy();
        status.backends.push_back(full_backend("web"));
        std::set<std::string> families;
        std::string family;
        for (const std::string& line : lines_of(status)) {
            std::istringstream words(line);
            std::string hash;
            std::string kind;
            std::string name;
            words >> hash >> kind >> name;
            if (hash != "#") {
                CHECK_MESSAGE(line.starts_with(family), line);
                continue;
            }
            if (kind == "HELP")
                CHECK_MESSAGE(families.insert(name).second, name);
            else
                CHECK(name == family);
            family = name;
        }
        CHECK(families.contains("slotd_propagation_seconds"));
    }

    TEST_CASE("a backend by what its slots and instances do") {
        sync::Status status = one_haproxy();
        status.backends.push_back(full_backend("web"));
        CHECK(samples(status, "slotd_slots") ==
              Lines{R"({backend="web",state="ready"} 1)", R"({backend="web",state="draining"} 1)",
                    R"({backend="web",state="out"} 1)", R"({backend="web",state="free"} 1)"});
        CHECK(samples(status, "slotd_instances") == Lines{R"({backend="web",state="serving"} 1)",
                                                          R"({backend="web",state="waiting"} 2)",
                                                          R"({backend="web",state="refused"} 1)"});
        CHECK(samples(status, "slotd_paused") == Lines{R"({backend="web"} 1)"});
        CHECK(samples(status, "slotd_last_success_timestamp_seconds") ==
              Lines{R"({backend="web"} 1000000003)"});
        CHECK(samples(status, "slotd_last_change_timestamp_seconds") ==
              Lines{R"({backend="web"} 1000000002)"});
        CHECK(samples(status, "slotd_build_info") == Lines{R"({version="9.9"} 1)"});
        CHECK(samples(status, "slotd_ready") == Lines{" 1"});
    }

    TEST_CASE("every reason for a hold is there, the one that holds with 1") {
        sync::Status status = one_haproxy();
        status.backends.push_back(full_backend("web"));
        const Lines held = samples(status, "slotd_held");
        CHECK(held == Lines{R"({backend="web",reason="consul-unreachable"} 0)",
                            R"({backend="web",reason="consul-error"} 0)",
                            R"({backend="web",reason="unreadable-answer"} 0)",
                            R"({backend="web",reason="no-leader"} 0)",
                            R"({backend="web",reason="acl"} 1)",
                            R"({backend="web",reason="index-reset"} 0)",
                            R"({backend="web",reason="empty"} 0)",
                            R"({backend="web",reason="large-removal"} 0)"});
    }

    TEST_CASE("a backend that follows several lists is one") {
        sync::Status status = one_haproxy();
        status.backends.push_back(full_backend("web"));
        status.backends.push_back(idle_backend("web"));
        CHECK(samples(status, "slotd_slots").back() == R"({backend="web",state="free"} 2)");
        CHECK(samples(status, "slotd_slots").size() == 4);
        CHECK(samples(status, "slotd_paused") == Lines{R"({backend="web"} 1)"});
        // The other part never was in step.
        CHECK(samples(status, "slotd_last_success_timestamp_seconds") ==
              Lines{R"({backend="web"} 0)"});
        CHECK(samples(status, "slotd_last_change_timestamp_seconds") ==
              Lines{R"({backend="web"} 1000000002)"});
    }

    TEST_CASE("with several HAProxys each backend says whose it is") {
        sync::Status status = one_haproxy();
        status.haproxys.push_back(down_haproxy("/b\\\"\n.sock"));
        status.backends.push_back(idle_backend("web"));
        status.backends.push_back(idle_backend("web", "/b\\\"\n.sock"));
        sync::Metrics metrics;
        metrics.commands[sync::CommandKey("/a.sock", "web", "addr", "done")] = 7;
        CHECK(samples(status, "slotd_paused") ==
              Lines{R"({backend="web",socket="/a.sock"} 0)",
                    R"({backend="web",socket="/b\\\"\n.sock"} 0)"});
        CHECK(samples(lines_of(status, metrics), "slotd_commands_total") ==
              Lines{R"({backend="web",socket="/a.sock",kind="addr",outcome="done"} 7)"});
        CHECK(samples(status, "slotd_haproxy_up") ==
              Lines{R"({socket="/a.sock"} 1)", R"({socket="/b\\\"\n.sock"} 0)"});
    }

    TEST_CASE("what was counted, with the zeros of what was not") {
        sync::Metrics metrics;
        metrics.commands[sync::CommandKey("/a.sock", "web", "addr", "done")] = 7;
        metrics.rounds[{"/a.sock", "ok"}] = 3;
        metrics.consul_requests["acl"] = 2;
        metrics.reloads["/a.sock"] = 4;
        const Lines lines = lines_of(one_haproxy(), metrics);
        CHECK(samples(lines, "slotd_commands_total") ==
              Lines{R"({backend="web",kind="addr",outcome="done"} 7)"});
        CHECK(samples(lines, "slotd_rounds_total") ==
              Lines{R"({socket="/a.sock",outcome="ok"} 3)",
                    R"({socket="/a.sock",outcome="incomplete"} 0)",
                    R"({socket="/a.sock",outcome="failed"} 0)"});
        CHECK(samples(lines, "slotd_haproxy_reloads_total") == Lines{R"({socket="/a.sock"} 4)"});
        const Lines asked = samples(lines, "slotd_consul_requests_total");
        CHECK(asked.size() == 9);
        CHECK(asked[0] == R"({outcome="ok"} 0)");
        CHECK(asked[5] == R"({outcome="acl"} 2)");
        CHECK(samples(lines, "process_start_time_seconds") == Lines{" 1000000000"});
        CHECK(samples(lines, "process_cpu_seconds_total") == Lines{" 1.5"});
        CHECK(samples(lines, "process_resident_memory_bytes") == Lines{" 4096"});
    }

    TEST_CASE("a histogram counts what is at most each bound") {
        sync::Metrics metrics;
        metrics.propagation.observe(0.002);
        metrics.propagation.observe(0.3);
        metrics.propagation.observe(60);
        const Lines lines = lines_of(one_haproxy(), metrics);
        const Lines buckets = samples(lines, "slotd_propagation_seconds_bucket");
        CHECK(buckets.size() == 15);
        CHECK(buckets[0] == R"({le="0.0005"} 0)");
        CHECK(buckets[2] == R"({le="0.0025"} 1)");
        CHECK(buckets[9] == R"({le="0.5"} 2)");
        CHECK(buckets[14] == R"({le="+Inf"} 3)");
        CHECK(samples(lines, "slotd_propagation_seconds_sum") == Lines{" 60.302"});
        CHECK(samples(lines, "slotd_propagation_seconds_count") == Lines{" 3"});
    }

    TEST_CASE("what this process uses") {
        const admin::Usage usage = admin::usage_now();
        CHECK(usage.cpu_seconds > 0);
        CHECK(usage.resident_bytes > 100'000);
    }

    TEST_CASE("the managed file, where there is one") {
        sync::Status status = one_haproxy();
        for (const std::string& line : lines_of(status))
            CHECK(line.find("slotd_file") == std::string::npos);
        status.file = pinned_file();
        CHECK(samples(status, "slotd_file_version") == Lines{" 7"});
        CHECK(samples(status, "slotd_file_placed_timestamp_seconds") == Lines{" 1000000005"});
        CHECK(samples(status, "slotd_file_pinned") == Lines{" 1"});
        CHECK(samples(status, "slotd_file_edited") == Lines{" 1"});
        CHECK(samples(status, "slotd_file_failed") == Lines{" 1"});
        CHECK(samples(status, "slotd_file_doubted") == Lines{" 0"});
        CHECK(samples(status, "slotd_file_backends") ==
              Lines{"{state=\"listed\"} 2", "{state=\"lingering\"} 1"});
        status.file = sync::FileStatus();
        CHECK(samples(status, "slotd_file_pinned") == Lines{" 0"});
        CHECK(samples(status, "slotd_file_placed_timestamp_seconds") == Lines{" 0"});
    }
}
