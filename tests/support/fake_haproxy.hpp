// SPDX-License-Identifier: MIT
// An HAProxy in memory that obeys the text of runtime commands as the real ones do, with a clock of
// its own. tests/live/test_fake.py holds it to the real ones.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// What tells HAProxy's versions apart for slotd.
enum class FakeVersion {
    v2_6,  ///< an address is in force at once
    v3_0,  ///< an address is in force some time after the reply
};

struct FakeServer {
    struct Where {
        std::string address;
        unsigned port;

        Where(std::string address_, unsigned port_) : address(std::move(address_)), port(port_) {}
        bool operator==(const Where&) const = default;
    };

    std::string name;
    unsigned number = 0;
    std::string host_name;  ///< "-": the line holds an address
    bool is_slot = true;
    bool takes_address = true;  ///< false: `init-addr none`
    Where at{"127.0.0.1", 1};
    std::optional<Where> queued;
    unsigned reads_to_wait = 0;
    unsigned weight = 1;
    unsigned configured_weight = 1;
    bool configured_disabled = true;
    bool maint = true;
    bool drain = false;
    std::uint64_t sessions = 0;
    std::uint64_t queue = 0;  ///< requests that wait for a session
    std::chrono::milliseconds changed{0};
    std::chrono::milliseconds left_traffic{0};  ///< when it was last ready

    bool is_ready() const { return !maint && !drain; }
};

struct FakeBackend {
    std::string name;
    unsigned number = 0;
    bool static_algorithm = false;
    std::deque<FakeServer> servers;  ///< a deque, so that a reference to one lasts
};

class FakeHaproxy {
  public:
    explicit FakeHaproxy(FakeVersion version = FakeVersion::v2_6) : version_(version) {}

    /// s1 to sN, as `server-template s 1-N HOST:1 disabled init-addr last,127.0.0.1` makes them.
    FakeBackend& add_slots(const std::string& backend, unsigned count, const std::string& host);
    /// A server slotd has no business with: `server NAME ADDRESS:PORT`.
    FakeServer& add_server(const std::string& backend, const std::string& name,
                           const std::string& address, unsigned port);
    FakeBackend& backend(const std::string& name);
    /// By "web/s1"; throws when it is not there.
    FakeServer& server(const std::string& path);

    /// The reply to one line, as on a connection of its own without `prompt`.
    std::string run(const std::string& line);

    void tick(std::chrono::milliseconds time) { now_ += time; }
    std::chrono::milliseconds now() const { return now_; }
    /// Puts every queued address in force.
    void settle();
    /// Another process, with everything as configured.
    void reload();

    long pid() const { return pid_; }

    /// 3.0: so many `show servers state` still show the previous address.
    unsigned late_reads = 0;
    /// 3.0: an address that is queued never comes into force.
    bool never_settles = false;
    /// The socket's level is `user`.
    bool user_level = false;
    /// An address for a slot that left traffic less than this ago with sessions is a violation.
    std::chrono::milliseconds rest{0};

    /// What a real HAProxy lets happen and slotd must not do: "web/s1: ...".
    std::vector<std::string> violations;
    /// Every line that was run.
    std::vector<std::string> lines;

  private:
    using Words = std::vector<std::string>;

    std::string set_server(const Words& words);
    std::string set_address(const std::string& path, FakeServer& server, const Words& words);
    std::string set_weight(const FakeBackend& backend, FakeServer& server, const Words& words);
    std::string set_state(const std::string& path, FakeServer& server, const Words& words);
    std::string show_info() const;
    std::string show_servers_state(const Words& words);
    std::string show_stat(const Words& words) const;

    FakeBackend* find(const std::string& name);
    void violation(const std::string& path, const std::string& what);

    FakeVersion version_;
    std::deque<FakeBackend> backends_;
    std::chrono::milliseconds now_{1'000'000};
    std::chrono::milliseconds started_{1'000'000};
    long pid_ = 4711;
};

}  // namespace slotd::testing
