// SPDX-License-Identifier: MIT
#include "watched.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace slotd;
using namespace slotd::testing;
using model::Doubt;

TEST_SUITE("watch") {
    TEST_CASE("the first request is without an index, each next one with the last answer's") {
        Watched watched;
        watched.start();
        run_for(watched.io, milliseconds(1));
        CHECK(watched.asked() == "-");
        CHECK(watched.told.empty());
        watched.source->say(instance("a", 7));
        watched.run_until_asked(2);
        watched.source->say(instance("b", 9));
        watched.run_until_asked(3);
        CHECK(watched.asked() == "- 7 9");
        CHECK(watched.told == "a, b");
        CHECK(watched.source->asked[2].query.service == "web");
    }

    TEST_CASE("only what is new is told") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(instance("a", 8));
        watched.source->say(instance("b", 8));
        watched.start();
        run_for(watched.io, milliseconds(50));
        CHECK(watched.asked() == "- 7 8 8");
        CHECK(watched.told == "a, b");
    }

    TEST_CASE("that no instance is left is news") {
        Watched watched;
        watched.source->say(instance("a", 7));
        catalog::Heard none((model::Instances()));
        none.index = 8;
        watched.source->say(std::move(none));
        watched.start();
        run_for(watched.io, milliseconds(50));
        CHECK(watched.told == "a, none");
    }

    TEST_CASE("what is unknown until a change is waited for, and told once for each text") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(until_change("missing", 8));
        watched.source->say(until_change("missing", 9));
        watched.source->say(until_change("line 3", 10));
        watched.source->say(until_change("line 4", 11));
        watched.source->say(instance("b", 12));
        watched.start();
        run_for(watched.io, milliseconds(100));
        CHECK(watched.asked() == "- 7 8 9 10 11 12");
        CHECK(watched.told ==
              "a, consul-error: missing, consul-error: line 3, consul-error: line 4, b");
        CHECK(watched.drawn == 0);
    }

    TEST_CASE("what is unknown until a change is asked anew where no leader may be known") {
        Watched watched;
        watched.source->say(instance("a", 7));
        catalog::Heard heard = until_change("missing", 8);
        heard.ask_anew = true;
        watched.source->say(std::move(heard));
        watched.source->say(instance("b", 9));
        watched.start();
        run_for(watched.io, milliseconds(50));
        CHECK(watched.asked() == "- 7 - 9");
        CHECK(watched.told == "a, b");
    }

    TEST_CASE("an index that went back with a key that is gone is taken on") {
        Watched watched;
        watched.source->say(instance("a", 20));
        watched.source->say(until_change("missing", 5));
        watched.source->say(instance("b", 6));
        watched.start();
        run_for(watched.io, milliseconds(50));
        CHECK(watched.asked() == "- 20 5 6");
        CHECK(watched.told == "a, consul-error: missing, b");
    }

    TEST_CASE("after an unknown answer it asks anew, without an index") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(unknown(Doubt::unreachable, "gone"));
        watched.source->say(instance("b", 9));
        watched.start();
        watched.run_until_asked(4);
        CHECK(watched.asked() == "- 7 - 9");
        CHECK(watched.told == "a, consul-unreachable: gone, b");
    }

    TEST_CASE("a doubt is said once, another one as well, and so is the end of it") {
        Watched watched;
        watched.source->say(unknown(Doubt::unreachable, "refused after 0 ms"));
        watched.source->say(unknown(Doubt::unreachable, "refused after 1 ms"));
        watched.source->say(unknown(Doubt::no_leader, "none"));
        watched.source->say(instance("a", 7));
        watched.start();
        watched.run_until_asked(5);
        CHECK(watched.asked() == "- - - - 7");
        CHECK(watched.told == "consul-unreachable: refused after 0 ms, no-leader: none, a");
    }

    TEST_CASE("the end of a doubt is told although the instances are the same as before it") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(unknown(Doubt::unreachable, "gone"));
        watched.source->say(instance("a", 7));
        watched.start();
        watched.run_until_asked(4);
        CHECK(watched.told == "a, consul-unreachable: gone, a");
    }

    TEST_CASE("a list that lacks what the token may not read is unknown, and not asked anew soon") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(instance("b", 8));
        watched.source->rights = {catalog::Readable::yes, catalog::Readable::no};
        watched.start();
        run_for(watched.io, milliseconds(500));
        CHECK(watched.asked() == "- 7");
        CHECK(watched.drawn == 0);
        CHECK(watched.told ==
              "a, acl: the token may not read the service or the nodes of instances that are gone "
              "from Consul's list; give it service:read and node:read");
    }

    TEST_CASE("where Consul has no ACLs no list is doubted, and nothing more is asked") {
        Watched watched;
        watched.source->no_acls = true;
        watched.source->rights = {catalog::Readable::no, catalog::Readable::no};
        watched.source->say(instance("a", 7));
        watched.source->say(instance("b", 8));
        watched.start();
        watched.run_until_asked(3);
        CHECK(watched.told == "a, b");
        CHECK(watched.source->nodes_asked.empty());
        // It came back with some.
        watched.source->no_acls = false;
        watched.source->say(instance("c", 9));
        run_until(watched.io, [&] { return !watched.source->nodes_asked.empty(); });
        CHECK(watched.source->nodes_asked == std::vector<std::string>{"n1"});
        CHECK(watched.told.starts_with("a, b, acl: "));
    }

    TEST_CASE("once Consul has ACLs, it is asked whether a list is whole") {
        Watched watched;
        watched.source->no_acls = true;
        watched.source->say(instance("a", 7));
        watched.source->say(instance("b", 8));
        watched.start();
        watched.run_until_asked(3);
        watched.source->no_acls = false;
        watched.source->say(instance("c", 9));
        watched.run_until_asked(4);
        CHECK(watched.source->nodes_asked == std::vector<std::string>{"n1", ""});
        CHECK(watched.told == "a, b, c");
    }

    TEST_CASE("what is lacking is what the last list had that was told, outages or not") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(unknown(Doubt::unreachable, "gone"));
        watched.source->say(instance("b", 9));
        watched.source->rights = {catalog::Readable::yes, model::Error(model::ErrorKind::refused,
                                                                       "Consul answers 503", "/x")};
        watched.start();
        watched.run_until_asked(4);
        CHECK(watched.asked() == "- 7 - -");
        CHECK(watched.source->nodes_asked == std::vector<std::string>{"", "n1"});
        watched.source->say(instance("b", 9));
        watched.run_until_asked(5);
        CHECK(watched.source->nodes_asked == std::vector<std::string>{"", "n1", "n1", ""});
        CHECK(watched.told.ends_with("/x: Consul answers 503, b"));
    }

    TEST_CASE("an index that went back is a doubt, and asked anew") {
        Watched watched;
        watched.source->say(instance("a", 20));
        watched.source->say(instance("b", 5));
        watched.source->say(instance("b", 5));
        watched.start();
        watched.run_until_asked(4);
        CHECK(watched.asked() == "- 20 - 5");
        CHECK(watched.told ==
              "a, index-reset: Consul's index went back from 20 to 5; it is asked anew, b");
    }

    TEST_CASE("an answer whose index is none is taken, and asked anew") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(instance("b", std::nullopt));
        watched.start();
        watched.run_until_asked(3);
        CHECK(watched.asked() == "- 7 -");
        CHECK(watched.told == "a, b");
    }

    TEST_CASE("an answer to be asked anew is not told, the one without an index is") {
        Watched watched;
        watched.source->say(instance("a", 7));
        watched.source->say(ask_anew("streamed", 8));
        watched.start();
        run_for(watched.io, milliseconds(50));
        CHECK(watched.asked() == "- 7 -");
        CHECK(watched.told == "a");
        watched.source->say(instance("b", 8));
        run_for(watched.io, milliseconds(1));
        CHECK(watched.told == "a, b");
    }

    TEST_CASE("cancelled while it asks or rests it ends, says nothing and lets the source go") {
        for (const bool rests : {false, true}) {
            Watched watched;
            if (rests)
                watched.source->say(misconfigured());
            watched.start();
            run_for(watched.io, milliseconds(1));
            const std::string before = watched.told;
            watched.task = net::Task();
            watched.source->say(instance("late", 7));
            run_out(watched.io);
            CHECK(watched.told == before);
            CHECK(watched.count() == 1);
            CHECK(watched.source.use_count() == 1);
        }
    }

    TEST_CASE("who is told may end the watch") {
        asio::io_context io;
        const auto source = std::make_shared<FakeSource>(io.get_executor());
        source->say(instance("a", 7));
        source->say(instance("b", 8));
        net::Task task;
        int told = 0;
        catalog::OnAnswer on_answer = [&](const std::shared_ptr<const model::Answer>&) {
            ++told;
            task = net::Task();
        };
        task = net::spawn(
            io.get_executor(),
            catalog::watch(source, catalog::Query(), std::move(on_answer), [] { return 0.0; }));
        run_out(io);
        CHECK(told == 1);
        CHECK(source->asked.size() == 1);
    }
}
