// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace slotd::testing {

/// A Consul of services: what is set is answered at once, and again to a blocking query when it is
/// set anew. A service that was never set is not answered at all.
class FakeConsul final : public catalog::Source {
  public:
    explicit FakeConsul(asio::any_io_executor executor)
        : changed_(std::move(executor), asio::steady_timer::time_point::max()) {}

    void set(const std::string& service, model::Answer answer) {
        Known& known = services_[service];
        known.answer = std::move(answer);
        ++known.index;
        changed_.cancel();
    }

    /// Whether somebody heard what was set last.
    bool was_heard(const std::string& service) const {
        const Known& known = services_.at(service);
        return known.told == known.index;
    }

    asio::awaitable<catalog::Heard> ask(catalog::Query query, std::optional<std::uint64_t> index,
                                        catalog::OnComing on_coming) override {
        asked.push_back(query);
        for (;;) {
            const auto known = services_.find(query.service);
            if (known != services_.end() && known->second.index != index) {
                if (on_coming)
                    on_coming();
                catalog::Heard heard(known->second.answer);
                known->second.told = known->second.index;
                if (!std::holds_alternative<model::Unknown>(heard.answer))
                    heard.index = known->second.index;
                co_return heard;
            }
            asio::error_code woken;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
    }

    asio::awaitable<model::Result<catalog::Readable>> may_read(
        catalog::Query, std::vector<std::string> nodes) override {
        const bool may = std::none_of(nodes.begin(), nodes.end(), [this](const std::string& node) {
            return unreadable.contains(node);
        });
        nodes_asked.push_back(std::move(nodes));
        if (!may)
            co_return catalog::Readable::no;
        co_return readable;
    }

    asio::awaitable<model::Result<bool>> sees_any(catalog::Query) override { co_return sees; }
    bool has_token() const override { return true; }

    std::vector<catalog::Query> asked;
    model::Result<catalog::Readable> readable = catalog::Readable::yes;
    model::Result<bool> sees = true;                    ///< anything
    std::set<std::string> unreadable;                   ///< nodes; "": not every node
    std::vector<std::vector<std::string>> nodes_asked;  ///< by each may_read()

  private:
    struct Known {
        model::Answer answer;
        std::uint64_t index = 0;
        std::uint64_t told = 0;
    };

    std::map<std::string, Known> services_;
    asio::steady_timer changed_;
};

}  // namespace slotd::testing
