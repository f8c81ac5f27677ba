// SPDX-License-Identifier: MIT
#include "slotd/sync/record.hpp"

#include <string>
#include <utility>
#include <variant>

namespace slotd::sync {
namespace {

class CountedSource final : public catalog::Source {
  public:
    CountedSource(std::shared_ptr<catalog::Source> source, Metrics& metrics)
        : source_(std::move(source)), metrics_(metrics) {}

    asio::awaitable<catalog::Heard> ask(catalog::Query query, std::optional<std::uint64_t> index,
                                        catalog::OnComing on_coming) override {
        catalog::Heard heard = co_await source_->ask(std::move(query), index, std::move(on_coming));
        const auto* unknown = std::get_if<model::Unknown>(&heard.answer);
        // A streaming answer's word that no leader is known is asked again, and no failure.
        const bool failed = unknown && !heard.ask_anew;
        ++metrics_.consul_requests[failed ? std::string(to_string(unknown->doubt)) : "ok"];
        co_return heard;
    }

    asio::awaitable<model::Result<catalog::Readable>> may_read(
        catalog::Query query, std::vector<std::string> nodes) override {
        return source_->may_read(std::move(query), std::move(nodes));
    }

    asio::awaitable<model::Result<bool>> sees_any(catalog::Query query) override {
        return source_->sees_any(std::move(query));
    }

    bool has_token() const override { return source_->has_token(); }

    bool has_no_acls() const override { return source_->has_no_acls(); }

  private:
    std::shared_ptr<catalog::Source> source_;
    Metrics& metrics_;
};

}  // namespace

std::shared_ptr<catalog::Source> counted(std::shared_ptr<catalog::Source> source,
                                         Metrics& metrics) {
    return std::make_shared<CountedSource>(std::move(source), metrics);
}

}  // namespace slotd::sync
