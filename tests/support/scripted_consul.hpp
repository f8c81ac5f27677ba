// SPDX-License-Identifier: MIT
// Consul's source on a server that does what a script says.
#pragma once

#include "slotd/catalog/source.hpp"
#include "support/answers.hpp"
#include "support/http_server.hpp"
#include "support/loop.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slotd::testing {

using Index = std::optional<std::uint64_t>;

inline const std::string list =
    one_entry(R"("Service":"web","ID":"a","Address":"10.0.0.1","Port":80)");
inline const std::string a_on_n1 = "a on n1 10.0.0.1:80 passing\n";
inline const std::string good = "X-Consul-Index: 7\r\nX-Consul-Knownleader: true\r\n";

inline catalog::Query query(const std::string& service) {
    catalog::Query made;
    made.service = service;
    return made;
}

/// The answer, and in brackets what else was heard.
inline std::string describe(const catalog::Heard& heard) {
    std::string text = show(heard.answer);
    if (heard.index)
        text += "[index " + std::to_string(*heard.index) + "]";
    if (heard.ask_anew)
        text += "[ask anew]";
    if (heard.until_change)
        text += "[until change]";
    if (heard.configuration)
        text += "[configuration]";
    return text;
}

/// A source and the server it asks.
struct Consul {
    asio::io_context io;
    HttpServer server;
    std::unique_ptr<catalog::Source> source;

    explicit Consul(std::vector<Act> script) : server(io, std::move(script)) {
        net::HttpOptions options;
        options.base = server.base();
        options.token = "the-secret";
        options.user_agent = "slotd/test";
        options.most_body = 1000;
        source = catalog::consul_source(io.get_executor(), options, catalog::Scope());
    }

    std::string ask(Index index = {}) {
        return describe(result_of(io, source->ask(query("web"), index, {})));
    }
};

inline std::string hear(const Act& act, Index index = {}) {
    return Consul({act}).ask(index);
}

/// What Consul says in errors: it sends an index with some of them, which means nothing.
inline Act refusal(int status, const std::string& text) {
    return respond(status, "X-Consul-Index: 1\r\nX-Consul-Knownleader: false\r\n", text);
}

}  // namespace slotd::testing
