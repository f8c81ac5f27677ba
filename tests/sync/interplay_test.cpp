// SPDX-License-Identifier: MIT
// What holds whatever comes together of removals that are doubted, outages, bursts that settle,
// pauses, drains, reloads and other people's hands: a running driver on a FakeHaproxy, and beside
// it the little that must be true of it all.
#include "support/daemon.hpp"
#include "support/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

using namespace slotd;
using namespace slotd::testing;
using namespace std::chrono_literals;

namespace {

constexpr int interplays = 6;
constexpr int happenings = 50;
// No more addresses than slots, so that nobody waits.
constexpr unsigned addresses = 6;
// So long that it passes only where a case lets it.
constexpr milliseconds long_time = 1h;

using Addresses = std::set<std::string>;

/// What Consul lists: an address, and whether it is critical.
using Listed = std::map<std::string, bool>;
struct Outage {
    bool operator==(const Outage&) const = default;
};

Addresses healthy(const Listed& listed) {
    Addresses those;
    for (const auto& [address, is_critical] : listed)
        if (!is_critical)
            those.insert(address);
    return those;
}

bool contains_all(const Addresses& all, const Addresses& part) {
    return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

struct Interplay : Daemon {
    Random random;
    plan::Policy& policy = settings.defaults.policy;
    std::variant<Listed, Outage> answer;  ///< Consul's
    Listed acted_on;                      ///< the last list that counts
    bool is_settled = true;               ///< nothing of Consul's waits for `settle`
    bool is_paused = false;
    bool had_outage = false;  ///< since the last list that counts
    Addresses confirmed;  ///< not listed any more, for longer than `confirm`
    std::string story;

    explicit Interplay(std::uint64_t seed)
        : Daemon(seed % 2 == 0 ? FakeVersion::v2_6 : FakeVersion::v3_0), random(seed) {
        settings.poll = 2ms;
        policy.confirm = random.one_in(2) ? long_time : 0ms;
        policy.large_removal = policy.confirm > 0ms ? 0 : 100;
        policy.settle = random.one_in(3) ? long_time : 0ms;
        policy.drain = random.of({0ms, long_time});
        haproxy.add_slots("web", addresses + 2, "web.service.slots.invalid");
        haproxy.add_server("web", "fixed", "10.0.0.1", 80);
        relist();
        start();
        wait_heard();
        let_time_pass();
        reach();
    }

    bool has_outage() const { return std::holds_alternative<Outage>(answer); }
    bool doubts() const { return policy.confirm > 0ms; }

    Addresses serving() {
        const Lines lines = ready();
        const Addresses those(lines.begin(), lines.end());
        INFO(story);
        REQUIRE(those.size() == lines.size());  // no address twice
        return those;
    }

    // What happens. Each leaves the driver time to do what it should not.

    void relist() {
        Listed listed;
        for (unsigned n = 1; n <= addresses; ++n)
            if (random.one_in(2))
                listed.emplace("10.0.0." + std::to_string(n) + ":80", random.one_in(4));
        // Somebody serves: an empty list is another case.
        if (healthy(listed).empty())
            listed["10.0.0.1:80"] = false;
        story += "\nlisted:";
        Lines texts;
        for (const auto& [address, is_critical] : listed) {
            texts.push_back("i" + address.substr(0, address.find(':')) + " " + address +
                            (is_critical ? " critical" : ""));
            story += " " + address + (is_critical ? " (critical)" : "");
        }
        list(texts);
        heard(listed);
    }

    void fail() {
        story += "\nan outage";
        consul->set("web", model::Unknown(model::Doubt::unreachable, "refused"));
        heard(Outage());
    }

    void heard(std::variant<Listed, Outage> what) {
        had_outage = had_outage || has_outage();
        answer = std::move(what);
        is_settled = policy.settle == 0ms;
        take();
    }

    void take() {
        if (const auto* listed = std::get_if<Listed>(&answer); listed && is_settled) {
            acted_on = *listed;
            // After an outage all is confirmed anew; until then, what was confirmed before it stands.
            if (std::exchange(had_outage, false))
                confirmed.clear();
        }
        std::erase_if(confirmed, [&](const auto& one) { return acted_on.contains(one); });
    }

    /// Until the driver knows what happened, and did what it does about it.
    void wait_heard() {
        wait([&] { return consul->was_heard("web"); });
        for (int i = 0; i < 4; ++i) {
            take_settings();  // so that it looks at once
            wait_reads(1);
            // Longer than between its tries, and nothing beside `long_time`.
            later += 3s;
            haproxy.tick(3s);
        }
    }

    void let_time_pass() {
        story += "\ntime passes";
        later += 2 * long_time;
        haproxy.tick(2 * long_time);
        is_settled = true;
        take();
        if (!has_outage())
            for (const std::string& address : serving())
                if (!acted_on.contains(address))
                    confirmed.insert(address);
    }

    void pause_or_resume() {
        is_paused = !is_paused;
        story += is_paused ? "\npaused" : "\nresumed";
        if (is_paused)
            REQUIRE(pauses.pause("web", std::nullopt));
        else
            REQUIRE(pauses.resume("web"));
    }

    void change_sessions() {
        for (FakeServer& slot : haproxy.backend("web").servers)
            slot.sessions = slot.is_ready() || slot.drain ? random.number(3) : 0;
    }

    /// What serves now must be served on unless Consul's word takes it away.
    Addresses must_stay(const Addresses& before) const {
        if (is_paused)
            return before;
        Addresses stay;
        for (const std::string& address : before) {
            const auto listed = acted_on.find(address);
            const bool is_healthy = listed != acted_on.end() && !listed->second;
            const bool is_doubted =
                listed == acted_on.end() && doubts() && !confirmed.contains(address);
            if (is_healthy || is_doubted)
                stay.insert(address);
        }
        return stay;
    }

    /// What is wanted serves, as far as nobody keeps slotd from it.
    void reach() {
        if (is_paused)
            return;
        INFO(story);
        const Addresses wanted = healthy(acted_on);
        wait([&] { return contains_all(serving(), wanted); });
    }

    void happen() {
        const Addresses before = serving();
        bool slots_stay = true;
        bool time_passes = false;
        switch (random.number(12)) {
            case 0:
            case 1:
            case 2:
            case 9:
            case 10:
                relist();
                break;
            case 3:
                fail();
                break;
            case 4:
                pause_or_resume();
                break;
            case 5:
                let_time_pass();
                time_passes = true;
                break;
            case 6:
                change_sessions();
                break;
            case 7:
                story += "\na reload";
                haproxy.reload();
                slots_stay = false;
                break;
            case 8:
                let_time_pass();
                time_passes = true;
                break;
            default:
                story += "\na hand";
                haproxy.run("set server web/s" + std::to_string(1 + random.number(addresses)) +
                            random.of({" state maint", " state drain", " weight 7"}));
                slots_stay = false;
                break;
        }
        const std::size_t sent_before = runtime->sent.size();
        wait_heard();
        INFO(story);
        if (is_paused) {
            REQUIRE(runtime->sent.size() == sent_before);
        } else if (slots_stay && !time_passes) {
            REQUIRE(contains_all(serving(), must_stay(before)));
        } else if (slots_stay && has_outage()) {
            REQUIRE(contains_all(serving(), healthy(acted_on)));
        }
        reach();
        REQUIRE(haproxy.violations.empty());
    }

    /// Nothing is in the way any more: what serves is what Consul lists, and nothing drains.
    void end_well() {
        if (is_paused)
            pause_or_resume();
        relist();
        wait_heard();
        let_time_pass();
        INFO(story);
        const Addresses wanted = healthy(acted_on);
        wait([&] {
            // What is confirmed, and what rests after a drain, takes its time.
            later += long_time;
            haproxy.tick(long_time);
            return serving() == wanted && nothing_drains();
        });
        REQUIRE(haproxy.server("web/fixed").is_ready());
        REQUIRE(haproxy.violations.empty());
    }

    bool nothing_drains() {
        const auto& servers = haproxy.backend("web").servers;
        return std::none_of(servers.begin(), servers.end(),
                            [](const FakeServer& one) { return one.drain && !one.maint; });
    }
};

}  // namespace

TEST_SUITE("interplay") {
    TEST_CASE("nothing that serves is lost to what comes together, and it ends at the target") {
        const std::uint64_t first = first_seed();
        for (std::uint64_t seed = first; seed < first + interplays; ++seed) {
            INFO("SLOTD_SEED=", seed);
            Interplay one(seed);
            for (int i = 0; i < happenings; ++i) one.happen();
            one.end_well();
        }
    }
}
