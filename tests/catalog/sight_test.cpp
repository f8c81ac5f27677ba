// SPDX-License-Identifier: MIT
#include "slotd/catalog/sight.hpp"

#include "support/answers.hpp"
#include "support/fake_source.hpp"
#include "support/loop.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace slotd;
using namespace slotd::testing;
using catalog::Readable;
using Lines = std::vector<std::string>;

namespace {

/// "a n1": one each, all with the same address.
model::Instances list_of(const Lines& texts) {
    model::Instances list;
    for (const std::string& text : texts)
        list.list.emplace_back(
            model::InstanceId(text.substr(text.find(' ') + 1), text.substr(0, text.find(' '))),
            model::AddressPort(*model::Address::parse("10.0.0.1"), *model::Port::from(80)));
    return list;
}

const std::string gone =
    "acl: the token may not read the service or the nodes of instances that are gone from "
    "Consul's list; give it service:read and node:read";

struct Seen {
    asio::io_context io;
    FakeSource source{io.get_executor()};
    catalog::Sight sight{source, catalog::Query()};
    std::optional<model::Instances> before;

    /// What is doubted; else what was believed: "all of it" or "what it may see".
    std::string look(model::Instances list) {
        const auto doubt = result_of(io, sight.why_doubt(list, before ? &*before : nullptr));
        if (doubt)
            return show(model::Answer(*doubt));
        before = list;
        return list.whole ? "all of it" : "what it may see";
    }
    std::string look(const Lines& texts) { return look(list_of(texts)); }
};

}  // namespace

TEST_SUITE("sight") {
    TEST_CASE("the first list asks for every node, the others for what they lack") {
        Seen seen;
        CHECK(seen.look(Lines{"a n1", "b n2", "c n2", "d n3"}) == "all of it");
        CHECK(seen.source.nodes_asked == Lines{""});
        CHECK(seen.look(Lines{"a n1", "b n2", "d n3", "e n9"}) == "all of it");
        CHECK(seen.look(Lines{"a n1"}) == "all of it");
        CHECK(seen.source.nodes_asked == Lines{"", "n2", "n2 n3 n9"});
    }

    TEST_CASE("a list that lacks nothing is asked about no more") {
        Seen seen;
        CHECK(seen.look(Lines{"a n1", "b n2"}) == "all of it");
        CHECK(seen.look(Lines{"b n2", "a n1"}) == "all of it");
        CHECK(seen.look(Lines{"a n1", "b n2", "c n3"}) == "all of it");
        model::Instances refused = list_of({"a n1", "c n3"});
        refused.refused.emplace_back(model::InstanceId("n2", "b"), "port 0");
        CHECK(seen.look(refused) == "all of it");
        CHECK(seen.source.nodes_asked == Lines{""});
        CHECK(seen.look(Lines{"a n1", "c n3"}) == "all of it");
        CHECK(seen.source.nodes_asked == Lines{"", "n2"});
    }

    TEST_CASE("what the token may not read is not gone") {
        Seen seen;
        CHECK(seen.look(Lines{"a n1", "b n2"}) == "all of it");
        seen.source.rights = {Readable::no, Readable::no, Readable::yes};
        CHECK(seen.look(Lines{"a n1"}) == gone);
        CHECK(seen.look(Lines{}) == gone);
        CHECK(seen.look(Lines{"a n1"}) == "all of it");
        CHECK(seen.source.nodes_asked == Lines{"", "n2", "n1 n2", "n2"});
    }

    TEST_CASE("a Consul that does not say so now is no witness, one that never does is believed") {
        Seen seen;
        CHECK(seen.look(Lines{"a n1", "b n2"}) == "all of it");
        seen.source.rights = {model::Error(model::ErrorKind::refused, "Consul answers 503", "/x"),
                              model::Error(model::ErrorKind::timeout, "no answer", "/x"),
                              Readable::cannot_tell};
        const std::string why =
            "Consul does not say whether the token may read what its list lacks: ";
        CHECK(seen.look(Lines{"a n1"}) == "consul-error: " + why + "/x: Consul answers 503");
        CHECK(seen.look(Lines{"a n1"}) == "consul-unreachable: " + why + "/x: no answer");
        CHECK(seen.look(Lines{"a n1"}) == "all of it");
    }

    TEST_CASE("an empty first list is nothing where the token sees nothing") {
        Seen seen;
        seen.source.rights = {Readable::no, Readable::no, Readable::yes};
        seen.source.sees = false;
        CHECK(seen.look(Lines{}) ==
              "acl: the token may not read the service or all of its nodes; it needs service:read "
              "and node:read");
        seen.source.sees = true;
        CHECK(seen.look(Lines{}) == "what it may see");
        CHECK(seen.look(Lines{}) == "all of it");
    }

    TEST_CASE("a token of single nodes sees what it may, and its instances may go") {
        Seen seen;
        seen.source.rights = {Readable::no,  Readable::yes, Readable::no,
                              Readable::yes, Readable::no,  Readable::yes};
        CHECK(seen.look(Lines{"a n1", "b n2"}) == "what it may see");
        CHECK(seen.look(Lines{"a n1"}) == "what it may see");
        CHECK(seen.look(Lines{}) == "what it may see");
        CHECK(seen.look(Lines{"c n1"}) == "all of it");
        CHECK(seen.look(Lines{"c n1", "d n2"}) == "all of it");
        CHECK(seen.source.nodes_asked == Lines{"", "n2", "", "n1", "", ""});
    }

    TEST_CASE("a first list waits for nobody's answer about rights") {
        Seen seen;
        seen.source.rights = {model::Error(model::ErrorKind::timeout, "no answer", "/x")};
        CHECK(seen.look(Lines{"a n1"}) == "what it may see");
        CHECK(seen.look(Lines{"a n1"}) == "all of it");
    }

    TEST_CASE("after an outage every node is asked about anew") {
        Seen seen;
        CHECK(seen.look(Lines{"a n1"}) == "all of it");
        seen.sight.forget();
        seen.source.rights = {Readable::no};
        CHECK(seen.look(Lines{"a n1"}) == "what it may see");
    }
}
