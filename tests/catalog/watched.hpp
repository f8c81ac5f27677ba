// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/watch.hpp"
#include "slotd/net/spawn.hpp"
#include "support/answers.hpp"
#include "support/fake_source.hpp"
#include "support/loop.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace slotd::testing {

inline catalog::Heard instance(const std::string& id, std::optional<std::uint64_t> index) {
    model::Instances instances;
    instances.list.emplace_back(
        model::InstanceId("n1", id),
        model::AddressPort(*model::Address::parse("10.0.0.1"), *model::Port::from(80)));
    catalog::Heard heard(std::move(instances));
    heard.index = index;
    return heard;
}

inline catalog::Heard ask_anew(const std::string& id, std::optional<std::uint64_t> index) {
    catalog::Heard heard = instance(id, index);
    heard.ask_anew = true;
    return heard;
}

inline catalog::Heard unknown(model::Doubt doubt, const std::string& detail) {
    return catalog::Heard(model::Unknown(doubt, detail));
}

// A key that is missing, or has a value that makes no sense.
inline catalog::Heard until_change(const std::string& detail, std::optional<std::uint64_t> index) {
    catalog::Heard heard = unknown(model::Doubt::consul_error, detail);
    heard.until_change = true;
    heard.index = index;
    return heard;
}

inline catalog::Heard misconfigured() {
    catalog::Heard heard = unknown(model::Doubt::acl, "no");
    heard.configuration = true;
    return heard;
}

/// A watch of a FakeSource: what it was told, and what it asked.
struct Watched {
    asio::io_context io;
    std::shared_ptr<FakeSource> source = std::make_shared<FakeSource>(io.get_executor());
    std::string told;
    int drawn = 0;
    net::Task task;

    // `random` 0: the shortest delay, 125 ms; 1: the longest, 250, 500, ... ms.
    void start(double random = 0.0) {
        catalog::Query query;
        query.service = "web";
        catalog::OnAnswer on_answer = [this](const std::shared_ptr<const model::Answer>& answer) {
            tell(*answer);
        };
        task = net::spawn(io.get_executor(),
                          catalog::watch(source, query, std::move(on_answer), [this, random] {
                              ++drawn;
                              return random;
                          }));
    }

    void tell(const model::Answer& answer) {
        if (!told.empty())
            told += ", ";
        if (const auto* instances = std::get_if<model::Instances>(&answer))
            told += instances->list.empty() ? "none" : instances->list[0].id.id;
        else
            told += show(answer);
    }

    std::size_t count() const { return source->asked.size(); }
    void run_until_asked(std::size_t times) {
        run_until(io, [&] { return count() == times; });
    }

    // The index of each request, "-" without.
    std::string asked() const {
        std::string text;
        for (const auto& [query, index] : source->asked)
            text += (text.empty() ? "" : " ") + (index ? std::to_string(*index) : "-");
        return text;
    }
};

}  // namespace slotd::testing
