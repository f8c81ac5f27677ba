// SPDX-License-Identifier: MIT
#include "known.hpp"

#include "slotd/file/lines.hpp"
#include "slotd/model/text.hpp"

#include <utility>

namespace slotd::file {

using model::Unknown;

namespace {

constexpr const char* unheard = "Consul was not heard yet";

}  // namespace

struct Known::Heard {
    Report& report;
    std::function<void()> on_change;
    OnEmpty on_empty;

    std::optional<ServiceTags> services;
    std::string doubt = unheard;  ///< of the services; empty: none
    std::map<std::string, std::string> lines;
    std::map<std::string, std::string> lines_doubt;

    Heard(Report& report_, std::function<void()> on_change_, OnEmpty on_empty_)
        : report(report_), on_change(std::move(on_change_)), on_empty(on_empty_) {}

    void hear_services(const std::variant<ServiceTags, Unknown>& answer) {
        if (const auto* unknown = std::get_if<Unknown>(&answer)) {
            doubt = unknown->detail;
            report.warn("Consul's services are not known, so its backends stay: " + doubt);
        } else {
            if (!doubt.empty() && doubt != unheard)
                report.info("Consul's services are known again");
            doubt.clear();
            services = std::get<ServiceTags>(answer);
        }
        on_change();
    }

    void hear_value(const std::string& name, const std::string& key,
                    const std::variant<std::string, Unknown>& answer) {
        std::string wrong;
        if (const auto* unknown = std::get_if<Unknown>(&answer)) {
            wrong = unknown->detail;
        } else if (auto made = server_lines(std::get<std::string>(answer), on_empty); made) {
            report.remarks("the lines of " + name, remarks_on(*made, key));
            lines[name] = std::move(made->text);
        } else {
            wrong = to_string(made.error());
        }
        if (!wrong.empty())
            report.warn("the lines of the key " + model::printable(key) +
                        " are not taken, those before stay: " + wrong);
        lines_doubt[name] = std::move(wrong);
        on_change();
    }
};

Known::Known(asio::any_io_executor executor, const Settings& settings,
             std::shared_ptr<catalog::Listing> listing, sync::Subscriptions& subscriptions,
             Report& report, model::Backoff::Random random, std::function<void()> on_change)
    : executor_(std::move(executor)),
      settings_(settings),
      listing_(std::move(listing)),
      subscriptions_(subscriptions),
      random_(std::move(random)),
      heard_(std::make_shared<Heard>(report, std::move(on_change), settings.on_empty)) {}

Known::~Known() {
    heard_->on_change = [] {};
}

void Known::follow_services() {
    catalog::OnListed<ServiceTags> on_answer =
        [weak = std::weak_ptr<Heard>(heard_)](const std::variant<ServiceTags, Unknown>& answer) {
            if (const auto heard = weak.lock())
                heard->hear_services(answer);
        };
    services_watch_ =
        net::spawn(executor_, catalog::watch_services(listing_, std::move(on_answer), random_));
}

void Known::follow_instances(const Selection& selection) {
    std::erase_if(instances_,
                  [&](const auto& entry) { return !selection.services.contains(entry.first); });
    for (const auto& [service, tags] : selection.services) {
        if (instances_.contains(service))
            continue;
        catalog::Query query;
        query.service = service;
        instances_.emplace(
            service, subscriptions_.subscribe(query, [heard = heard_] { heard->on_change(); }));
    }
}

void Known::follow_lines(const std::set<std::string>& names) {
    std::erase_if(line_watches_, [&](const auto& entry) { return !names.contains(entry.first); });
    std::erase_if(heard_->lines, [&](const auto& entry) { return !names.contains(entry.first); });
    std::erase_if(heard_->lines_doubt,
                  [&](const auto& entry) { return !names.contains(entry.first); });
    for (const std::string& name : names) {
        if (line_watches_.contains(name))
            continue;
        const std::string& key = settings_.keys.at(name);
        heard_->lines_doubt[name] = "the key " + model::printable(key) + " was not read yet";
        catalog::OnListed<std::string> on_answer =
            [weak = std::weak_ptr<Heard>(heard_), name,
             key](const std::variant<std::string, Unknown>& answer) {
                const auto heard = weak.lock();
                if (heard && heard->lines_doubt.contains(name))
                    heard->hear_value(name, key, answer);
            };
        line_watches_.emplace(
            name, net::spawn(executor_,
                             catalog::watch_value(listing_, key, std::move(on_answer), random_)));
    }
}

const ServiceTags* Known::services() const {
    return heard_->services && heard_->doubt.empty() ? &*heard_->services : nullptr;
}

std::map<std::string, Meta> Known::meta(const Backends& before) const {
    std::map<std::string, Meta> all;
    for (const auto& [service, subscription] : instances_) {
        const auto answer = subscription->latest();
        const auto* instances = answer ? std::get_if<model::Instances>(&*answer) : nullptr;
        if (!instances)
            continue;
        const auto old = before.find(service);
        all.emplace(service,
                    agreed_meta(*instances, old == before.end() ? Meta() : old->second.meta));
    }
    return all;
}

std::optional<std::map<std::string, std::string>> Known::lines() const {
    for (const auto& [name, watch] : line_watches_)
        if (!heard_->lines.contains(name))
            return std::nullopt;
    return heard_->lines;
}

std::string Known::doubt() const {
    if (!heard_->doubt.empty())
        return heard_->doubt;
    for (const auto& [name, doubt] : heard_->lines_doubt)
        if (!doubt.empty())
            return doubt;
    return {};
}

}  // namespace slotd::file
