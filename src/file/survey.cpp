// SPDX-License-Identifier: MIT
#include "slotd/file/survey.hpp"

#include "slotd/file/lines.hpp"
#include "slotd/file/renderer.hpp"
#include "slotd/model/text.hpp"

#include <map>
#include <variant>

namespace slotd::file {
namespace {

using model::Error;
using model::ErrorKind;
using model::Result;
using model::Unknown;

catalog::Query query_of(const std::string& service) {
    catalog::Query query;
    query.service = service;
    return query;
}

Error unknown(const Unknown& why, std::string where) {
    return Error(ErrorKind::unreachable, why.detail, std::move(where));
}

asio::awaitable<Result<std::map<std::string, Meta>>> ask_meta(catalog::Source& source,
                                                              const Selection& selection,
                                                              const Backends& kept) {
    std::map<std::string, Meta> all;
    for (const auto& [service, tags] : selection.services) {
        catalog::Query query = query_of(service);
        const catalog::Heard heard = co_await source.ask(std::move(query), std::nullopt, {});
        const auto* instances = std::get_if<model::Instances>(&heard.answer);
        if (!instances)
            co_return unknown(std::get<Unknown>(heard.answer), "the service " + service);
        const auto before = kept.find(service);
        all.emplace(service,
                    agreed_meta(*instances, before == kept.end() ? Meta() : before->second.meta));
    }
    co_return all;
}

asio::awaitable<Result<std::map<std::string, std::string>>> ask_lines(catalog::Listing& listing,
                                                                      const Settings& settings,
                                                                      std::set<std::string> names,
                                                                      std::vector<Error>& remarks) {
    std::map<std::string, std::string> all;
    for (const std::string& name : names) {
        const std::string key = settings.keys.at(name);
        const std::string where = "the key " + model::printable(key);
        const auto heard = co_await listing.value(key, std::nullopt);
        const auto* value = std::get_if<std::string>(&heard.answer);
        if (!value)
            co_return unknown(std::get<Unknown>(heard.answer), where);
        auto lines = server_lines(*value, settings.on_empty);
        if (!lines)
            co_return Error(ErrorKind::unreadable, to_string(lines.error()), where);
        for (Error& remark : remarks_on(*lines, key)) remarks.push_back(std::move(remark));
        all.emplace(name, std::move(lines->text));
    }
    co_return all;
}

}  // namespace

asio::awaitable<Result<Rendered>> render_once(const Settings& settings, catalog::Listing& listing,
                                              catalog::Source& source, model::WallTime now) {
    Renderer renderer(settings);
    if (auto read = renderer.refresh(); !read)
        co_return read.error();
    auto kept = load_backends(settings.folder);
    if (!kept)
        co_return kept.error();
    const auto heard = co_await listing.services(std::nullopt);
    const auto* services = std::get_if<ServiceTags>(&heard.answer);
    if (!services)
        co_return unknown(std::get<Unknown>(heard.answer), "Consul's list of services");
    Selection selection = select(*services, settings);
    const auto meta = co_await ask_meta(source, selection, *kept);
    if (!meta)
        co_return meta.error();

    Merged merged = merge(*std::move(kept), selection, *meta, now);
    Rendered rendered;
    rendered.remarks = std::move(selection.refused);
    std::vector<std::string> due = overdue(merged.backends, now, settings.linger_at_least());
    const Confirmed confirmed = co_await confirm_gone(settings, listing, source, std::move(due));
    for (const std::string& service : confirmed.gone) merged.backends.erase(service);
    for (const std::string& service : confirmed.hidden) rendered.remarks.push_back(hidden(service));

    std::set<std::string> names = renderer.lines_of();
    const auto lines = co_await ask_lines(listing, settings, std::move(names), rendered.remarks);
    if (!lines)
        co_return lines.error();
    for (Error& remark : remarks_on(merged.backends)) rendered.remarks.push_back(std::move(remark));
    rendered.text = renderer.render(merged.backends, *lines);
    rendered.why = why(merged.came, confirmed.gone);
    rendered.backends = std::move(merged.backends);
    co_return rendered;
}

asio::awaitable<Confirmed> confirm_gone(const Settings& settings, catalog::Listing& listing,
                                        catalog::Source& source,
                                        std::vector<std::string> services) {
    Confirmed confirmed;
    if (services.empty())
        co_return confirmed;
    const auto heard = co_await listing.services(std::nullopt);
    const auto* now = std::get_if<ServiceTags>(&heard.answer);
    if (!now)
        co_return confirmed;
    const Selection selection = select(*now, settings);
    for (const std::string& service : services) {
        if (selection.services.contains(service))
            continue;
        // One that lost its tag can be seen, so nothing is hidden.
        if (now->contains(service)) {
            confirmed.gone.push_back(service);
            continue;
        }
        catalog::Query query = query_of(service);
        std::vector<std::string> no_node;
        const auto readable = co_await source.may_read(std::move(query), std::move(no_node));
        if (readable && *readable == catalog::Readable::no)
            confirmed.hidden.push_back(service);
        else if (readable)
            confirmed.gone.push_back(service);
    }
    co_return confirmed;
}

}  // namespace slotd::file
