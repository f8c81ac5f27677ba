// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/source.hpp"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <deque>
#include <utility>
#include <vector>

namespace slotd::testing {

/// A Consul that answers what it was told to, in that order, and waits when there is nothing left
/// to say, as a blocking query does.
class FakeSource final : public catalog::Source {
  public:
    struct Asked {
        catalog::Query query;
        std::optional<std::uint64_t> index;

        Asked(catalog::Query query_, std::optional<std::uint64_t> index_)
            : query(std::move(query_)), index(index_) {}
    };

    explicit FakeSource(asio::any_io_executor executor)
        : more_(std::move(executor), asio::steady_timer::time_point::max()) {}

    void say(catalog::Heard heard) {
        script_.push_back(std::move(heard));
        more_.cancel();
    }

    asio::awaitable<catalog::Heard> ask(catalog::Query query, std::optional<std::uint64_t> index,
                                        catalog::OnComing on_coming) override {
        asked.emplace_back(std::move(query), index);
        asio::error_code woken;
        while (script_.empty())
            co_await more_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (on_coming)
            on_coming();
        catalog::Heard heard = std::move(script_.front());
        script_.pop_front();
        co_return heard;
    }

    asio::awaitable<model::Result<catalog::Readable>> may_read(
        catalog::Query, std::vector<std::string> nodes) override {
        std::string names;
        for (const std::string& node : nodes) names += (names.empty() ? "" : " ") + node;
        nodes_asked.push_back(std::move(names));
        if (rights.empty())
            co_return catalog::Readable::yes;
        auto readable = std::move(rights.front());
        rights.pop_front();
        co_return readable;
    }

    model::Result<bool> sees = true;                      ///< anything
    std::deque<model::Result<catalog::Readable>> rights;  ///< what may_read() answers; then yes
    std::vector<std::string> nodes_asked;  ///< by each may_read(), with blanks between
    asio::awaitable<model::Result<bool>> sees_any(catalog::Query) override { co_return sees; }
    bool has_token() const override { return true; }
    bool has_no_acls() const override { return no_acls; }
    bool no_acls = false;

    std::vector<Asked> asked;

  private:
    std::deque<catalog::Heard> script_;
    asio::steady_timer more_;
};

}  // namespace slotd::testing
