// SPDX-License-Identifier: MIT
#include "slotd/haproxy/reply.hpp"

#include "support/data.hpp"
#include "support/notation.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using haproxy::Outcome;
using haproxy::OutcomeKind;
using haproxy::read_reply;

namespace {

const model::Command set_address(slot_id("s1"), model::SetAddress{at("10.0.0.1:80")});
const model::Command set_weight(slot_id("s1"), model::SetWeight{model::Weight::clamped(3)});
const model::Command set_state(slot_id("s1"), model::SetState{model::Admin::ready});

struct Row {
    std::string reply;
    OutcomeKind kind;
    std::string text;
};

void check(const model::Command& command, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.reply);
        CHECK(read_reply(command, row.reply) == Outcome(row.kind, row.text));
    }
}

/// The text is the reply without its end.
void check_same(const model::Command& command, const std::vector<std::string>& replies,
                OutcomeKind kind) {
    for (const std::string& reply : replies)
        check(command, {{reply, kind, reply}, {reply + "\n\n", kind, reply}});
}

}  // namespace

TEST_SUITE("replies") {
    TEST_CASE("an address that changed is done, in the words of every version") {
        check_same(set_address,
                   {"IP changed from '127.0.0.1' to '10.0.0.1', port changed from '1' to '80' by "
                    "'stats socket command'",
                    "IP changed from '::1' to '2001:db8::1', port changed from '+0' to '80' by "
                    "'stats socket command'",
                    "IP changed from '127.0.0.1' to '10.0.0.1', no need to change the port by "
                    "'stats socket command'",
                    "no need to change the addr, port changed from '1' to '80' by 'stats socket "
                    "command'",
                    "IP changed from '127.0.0.1' to '10.0.0.1' by 'stats socket command'",
                    "port changed from '1' to '80' by 'stats socket command'"},
                   OutcomeKind::done);
    }

    TEST_CASE("an address that was there already is unchanged") {
        check_same(set_address,
                   {"no need to change the addr, no need to change the port by 'stats socket "
                    "command'",
                    "nothing changed"},
                   OutcomeKind::unchanged);
    }

    TEST_CASE("a reply that only begins well is no success") {
        check_same(set_address,
                   {"IP changed from '127.0.0.1' to '10.0.0.1', can't change <port> to port map "
                    "because MAPPORTS are disabled by 'stats socket command'",
                    "IP changed from '127.0.0.1' to '10.0.0.1', problem converting port 'abc' to "
                    "an int by 'stats socket command'",
                    "IP changed from '127.0.0.1' to '10.0.0.1', port changed from '1' to '80' by "
                    "'stats socket command', but",
                    "IP changed from '127.0.0.1' to '10.0.0.1', port changed from '1",
                    "IP changed from '127.0.0.1'", "nothing changed, really", "no need"},
                   OutcomeKind::unreadable);
    }

    TEST_CASE("silence is the success of a weight and a state, never of an address") {
        const std::vector<std::string> silences{"", "\n", "\r\n", "\n\n"};
        for (const std::string& silence : silences) {
            check(set_weight, {{silence, OutcomeKind::done, ""}});
            check(set_state, {{silence, OutcomeKind::done, ""}});
            check(set_address, {{silence, OutcomeKind::unreadable, ""}});
        }
    }

    TEST_CASE("an address's words are no success of a weight or a state") {
        for (const model::Command& command : {set_weight, set_state})
            check_same(command,
                       {"nothing changed",
                        "IP changed from '127.0.0.1' to '10.0.0.1' by 'stats socket command'"},
                       OutcomeKind::unreadable);
    }

    TEST_CASE("each refusal has its kind, whatever was asked") {
        struct Refusal {
            std::string reply;
            OutcomeKind kind;
        };
        const std::vector<Refusal> refusals{
            {"No such server.", OutcomeKind::vanished},
            {"No such backend.", OutcomeKind::vanished},
            {"Permission denied", OutcomeKind::no_permission},
            {"Proxy is disabled.", OutcomeKind::reloaded},
            {"Require 'backend/server'.", OutcomeKind::refused},
            {"Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
             OutcomeKind::static_algorithm},
            {"Update for the current server address family is only supported through "
             "configuration file by 'stats socket command'",
             OutcomeKind::unsupported},
            {"Update for the current server address family is only supported through "
             "configuration file.",
             OutcomeKind::unsupported},
            {"Absolute weight can only be between 0 and 256 inclusive.", OutcomeKind::refused},
            {"Invalid addr 'bad' by 'stats socket command'", OutcomeKind::refused},
            {"Invalid addr 'bad'", OutcomeKind::refused},
            {"problem converting port 'abc' to an int", OutcomeKind::refused},
            {"'set server <srv> state' expects 'ready', 'drain' and 'maint'.",
             OutcomeKind::refused},
        };
        for (const Refusal& refusal : refusals)
            for (const model::Command& command : {set_address, set_weight, set_state})
                check_same(command, {refusal.reply}, refusal.kind);
    }

    TEST_CASE("of an unknown command's kilobytes of help only the first line is kept") {
        const std::vector<Row> rows{
            {"Unknown command, but maybe one of the following ones is a better match:\n  show fd",
             OutcomeKind::unsupported,
             "Unknown command, but maybe one of the following ones is a better match:"},
            {"Unknown command: 'set', but maybe one of the following ones is a better match:\n  x",
             OutcomeKind::unsupported,
             "Unknown command: 'set', but maybe one of the following ones is a better match:"},
        };
        check(set_address, rows);
        check(set_state, rows);
    }

    TEST_CASE("words nobody has seen are unreadable, and are kept printable") {
        check(set_state, {{"All right!", OutcomeKind::unreadable, "All right!"},
                          {"a\x1b[31mb\nc", OutcomeKind::unreadable, "a\\x1b[31mb"}});
        CHECK(read_reply(set_state, std::string(5000, 'x')).text.size() <= 310);
    }

    TEST_CASE("only done and unchanged are good") {
        CHECK(Outcome(OutcomeKind::done, "").ok());
        CHECK(Outcome(OutcomeKind::unchanged, "").ok());
        for (const OutcomeKind kind :
             {OutcomeKind::static_algorithm, OutcomeKind::reloaded, OutcomeKind::no_permission,
              OutcomeKind::vanished, OutcomeKind::unsupported, OutcomeKind::refused,
              OutcomeKind::unreadable, OutcomeKind::no_reply, OutcomeKind::not_shown})
            CHECK_FALSE(Outcome(kind, "").ok());
    }

    TEST_CASE("what a failure needs is said where HAProxy's words do not say it") {
        CHECK(haproxy::advice(OutcomeKind::no_permission) ==
              "the `stats socket` line needs `level admin`");
        CHECK(haproxy::advice(OutcomeKind::refused).empty());
        CHECK(haproxy::advice(OutcomeKind::done).empty());
    }
}

TEST_SUITE("splitting") {
    // What was sent after `prompt` and before `quit` when the exchanges were recorded.
    const std::vector<std::pair<model::Command, OutcomeKind>> commands{
        {set_address, OutcomeKind::done},        {set_address, OutcomeKind::unchanged},
        {set_weight, OutcomeKind::done},         {set_state, OutcomeKind::done},
        {set_weight, OutcomeKind::refused},      {set_weight, OutcomeKind::static_algorithm},
        {set_address, OutcomeKind::unsupported}, {set_state, OutcomeKind::vanished},
        {set_state, OutcomeKind::vanished},
    };
    constexpr std::size_t lines_sent = 13;

    TEST_CASE("a recorded exchange has one reply for each line, read as what it was") {
        for (const std::string version : {"2.6", "3.0"}) {
            CAPTURE(version);
            const std::string received = recorded("haproxy-" + version + "-exchange.txt");
            auto replies = haproxy::split_replies(received);
            REQUIRE(replies.size() == 1 + lines_sent);
            CHECK(replies.front().empty());  // of `prompt` itself
            replies.erase(replies.begin());
            for (std::size_t i = 0; i < commands.size(); ++i) {
                // HAProxy 3.0 puts an address in force after the exchange, and compares with the
                // one in force.
                const bool late = version == "3.0" && i == 1;
                CHECK(read_reply(commands[i].first, replies[i]).kind ==
                      (late ? OutcomeKind::done : commands[i].second));
            }
            CHECK(replies[9].starts_with("1\n# be_id "));
            CHECK(replies[10] == "Can't find backend.\n");
            CHECK(read_reply(set_state, replies[11]).kind == OutcomeKind::unsupported);
            CHECK(replies[12].empty());
        }
    }

    TEST_CASE("cut anywhere, an exchange gives whole replies only, the first ones, in order") {
        for (const std::string version : {"2.6", "3.0"}) {
            const std::string received = recorded("haproxy-" + version + "-exchange.txt");
            const auto all = haproxy::split_replies(received);
            std::size_t before = 0;
            for (std::size_t cut = 0; cut <= received.size(); ++cut) {
                CAPTURE(cut);
                const auto some = haproxy::split_replies(std::string_view(received).substr(0, cut));
                REQUIRE(some.size() >= before);
                REQUIRE(some.size() <= before + 1);
                before = some.size();
                REQUIRE(std::equal(some.begin(), some.end(), all.begin()));
            }
            CHECK(before == all.size());
        }
    }

    TEST_CASE("without a prompt there is no reply") {
        for (const std::string_view received : {"", "\n", "\n>", "busy\n"})
            CHECK(haproxy::split_replies(received).empty());
        CHECK(haproxy::split_replies("\n> \n> ").size() == 2);
    }

    TEST_CASE("an answer that grows is whole with its last prompt, however it comes") {
        const std::string received = recorded("haproxy-3.0-exchange.txt");
        const std::size_t whole = received.rfind("\n> ") + 3;
        for (const std::size_t step : {std::size_t(1), std::size_t(2), std::size_t(7), whole}) {
            haproxy::ReplyCounter counter(1 + lines_sent);
            for (std::size_t length = step; length < whole; length += step)
                REQUIRE_FALSE(counter(std::string_view(received).substr(0, length)));
            CHECK(counter(received));
        }
    }
}
