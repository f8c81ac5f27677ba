// SPDX-License-Identifier: MIT
#include "slotd/app/check/findings.hpp"
#include "words.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace slotd::app {
namespace {

using SlotNames = std::vector<std::string>;

SlotNames slots_where(const std::vector<model::Server>& slots,
                      const std::function<bool(const model::Server&)>& which) {
    SlotNames names;
    for (const model::Server& slot : slots)
        if (which(slot))
            names.push_back(slot.id.server.text());
    return names;
}

/// "its line lacks", "their lines lack".
std::string lines(const SlotNames& names, const std::string& one, const std::string& many) {
    return names.size() == 1 ? "its line " + one : "their lines " + many;
}

// What HAProxy shows as a server's cookie is one that it made of the server's address when the
// backend's is `dynamic`: 16 hexadecimal digits, which change with the address (2.6, 3.0).
bool is_dynamic(std::string_view cookie) {
    return cookie.size() == 16 &&
           cookie.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class BackendExamination {
  public:
    explicit BackendExamination(const BackendFacts& facts) : facts_(facts) {}

    Findings make() {
        follow();
        addresses();
        starts();
        checks();
        cookies();
        balance();
        lines_of_the_file();
        return std::move(findings_);
    }

  private:
    void add(Level level, Code code, std::string what, std::string hint = {}) {
        findings_.emplace_back(level, Area::backend, code, facts_.where, std::move(what),
                               std::move(hint));
    }

    void follow() {
        for (const FollowFacts& follow : facts_.follows) {
            const std::string slots = count(follow.slots, "slot");
            const std::string follows =
                (follow.slots == 1 ? " follows " : " follow ") + follow.follows;
            if (!follow.instances)
                add(Level::ok, Code::slots_follow, slots + follows);
            else if (*follow.instances <= follow.slots)
                add(Level::ok, Code::slots_follow,
                    slots + follows + ": " + count(*follow.instances, "instance"));
            else
                add(Level::warning, Code::too_few_slots,
                    slots + follows + ", which has " + count(*follow.instances, "instance") + ": " +
                        std::to_string(*follow.instances - follow.slots) + " can't be served",
                    "make more slots: raise the range of the server-template line");
        }
    }

    void addresses() {
        const SlotNames none =
            slots_where(facts_.slots, [](const model::Server& slot) { return slot.lacks_address; });
        if (!none.empty())
            add(Level::failure, Code::slot_lacks_address,
                all_of("slot", none) + " can't be given an address: " + lines(none, "has", "have") +
                    " `none` in `init-addr`",
                "write `init-addr last,127.0.0.1`");
        const SlotNames literal = slots_where(
            facts_.slots, [](const model::Server& slot) { return slot.host_name.empty(); });
        if (!literal.empty())
            add(Level::warning, Code::slot_loses_address,
                all_of("slot", literal) + (literal.size() == 1 ? " loses its" : " lose their") +
                    " address over a reload, with a state file too: " +
                    lines(literal, "holds", "hold") + " an address instead of a name",
                "`slotd slots SERVICE COUNT` prints a line that keeps it");
    }

    void starts() {
        const SlotNames open = slots_where(
            facts_.slots, [](const model::Server& slot) { return !slot.line_disabled; });
        if (!open.empty())
            add(Level::warning, Code::slot_lacks_disabled,
                all_of("slot", open) + (open.size() == 1 ? " takes" : " take") +
                    " requests after a start of HAProxy, before slotd has filled " +
                    (open.size() == 1 ? "it: " : "them: ") + lines(open, "lacks", "lack") +
                    " `disabled`",
                "add `disabled`");
    }

    void checks() {
        const SlotNames blind =
            slots_where(facts_.slots, [](const model::Server& slot) { return !slot.has_check; });
        if (blind.empty())
            return;
        const std::string lack = ": " + lines(blind, "lacks", "lack") + " `check`";
        if (facts_.gate)
            add(Level::warning, Code::gate_lacks_check,
                "`gate` does nothing for " + all_of("slot", blind) + lack,
                "add `check`, with `fall` 2 or more");
        else
            add(Level::warning, Code::slot_lacks_check,
                "HAProxy does not check what is in " + all_of("slot", blind) + lack,
                "add `check`, if Consul's checks are not enough");
    }

    void cookies() {
        SlotNames names;
        for (const model::Server& slot : facts_.slots) {
            const auto found = facts_.cookies.find(slot.id.server.text());
            if (found != facts_.cookies.end() && !is_dynamic(found->second))
                names.push_back(found->first);
        }
        if (!names.empty())
            add(Level::warning, Code::slot_has_cookie,
                all_of("slot", names) +
                    (names.size() == 1 ? " has a `cookie`" : " have a `cookie` each") +
                    ": clients stay with the slot, whichever instance takes it next",
                "with `cookie NAME insert dynamic` and a `dynamic-cookie-key` they stay with the "
                "instance");
    }

    void balance() {
        constexpr std::array hashes{"source", "uri", "url_param", "hdr", "rdp-cookie", "hash"};
        const std::string& algorithm = facts_.algorithm;
        const bool by_hash = std::find(hashes.begin(), hashes.end(), algorithm) != hashes.end();
        const std::string refused = "`balance " + algorithm +
                                    "` takes no weights but 0 and that of the slot's line: every "
                                    "instance is served with the latter";
        if (algorithm == "static-rr")
            add(Level::warning, Code::balance_refuses_weights, refused,
                "`balance roundrobin` takes them");
        else if (by_hash && !facts_.section)
            add(Level::ok, Code::balance_unknown,
                "whether `balance " + algorithm +
                    "` takes weights can't be told: with `hash-type consistent` it does");
        else if (by_hash && facts_.section->hash_type != "consistent")
            add(Level::warning, Code::balance_refuses_weights, refused,
                "`hash-type consistent` takes them");
    }

    /// What only haproxy.cfg tells, a finding a line.
    void lines_of_the_file() {
        if (!facts_.section)
            return;
        for (const haproxy::ServerLine& line : facts_.section->servers) {
            const auto slot = std::find_if(
                facts_.slots.begin(), facts_.slots.end(),
                [&](const model::Server& one) { return line.makes(one.id.server.text()); });
            if (slot != facts_.slots.end())
                look_at(line, *slot);
        }
    }

    void look_at(const haproxy::ServerLine& line, const model::Server& slot) {
        const std::string at = to_string(line.at) + ": ";
        if (!line.resolvers.empty())
            add(Level::failure, Code::slot_has_resolvers,
                at + "HAProxy's `resolvers` set the address of these slots",
                "take `resolvers` out of the line");
        if (!line.track.empty())
            add(Level::warning, Code::slot_has_track,
                at + "these slots follow another server's state by `track`",
                "take `track` out of the line");
        if (line.init_addr.empty() || line.init_addr.starts_with("last") || slot.lacks_address)
            return;
        if (facts_.loads_state)
            add(Level::failure, Code::init_addr_lacks_last,
                at + "after a reload these slots are ready at the address of `init-addr`, not at "
                     "that of the state file",
                "write `init-addr last,127.0.0.1`");
        else
            add(Level::warning, Code::init_addr_lacks_last,
                at + "these slots would lose their address over a reload with a state file: "
                     "`init-addr` lacks `last`",
                "write `init-addr last,127.0.0.1`");
    }

    const BackendFacts& facts_;
    Findings findings_;
};

}  // namespace

Findings on_backend(const BackendFacts& facts) {
    return BackendExamination(facts).make();
}

}  // namespace slotd::app
