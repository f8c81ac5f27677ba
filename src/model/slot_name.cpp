// SPDX-License-Identifier: MIT
#include "slotd/model/slot_name.hpp"

#include "slotd/model/text.hpp"

#include <string>

namespace slotd::model {
namespace {

constexpr std::string_view domain = "slots.invalid";
constexpr std::string_view forms =
    "write [TAG.]SERVICE.service[.DATACENTER].slots.invalid, NAME.kv.slots.invalid or "
    "slots.invalid";

// Takes the last label off `rest`; what is left has no trailing dot.
std::string_view take_last_label(std::string_view& rest) {
    const auto dot = rest.rfind('.');
    const auto label = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
    rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(0, dot);
    return label;
}

bool has_empty_label(std::string_view host) {
    return host.empty() || host.front() == '.' || host.back() == '.' ||
           host.find("..") != std::string_view::npos;
}

Error bad(std::string_view host, std::string what) {
    return Error(ErrorKind::config, "the host name " + printable(host, 260) + " " + std::move(what),
                 {}, std::string(forms));
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

std::string why_unwritable(std::string_view part, bool dots) {
    if (part.empty())
        return "is empty";
    if (dots && has_empty_label(part))
        return "has an empty label";
    std::size_t label = 0;
    for (const char c : part) {
        if (dots && c == '.') {
            label = 0;
            continue;
        }
        if (!is_host_character(c))
            return "has a character that can't stand in a host name";
        if (++label > 63)
            return "is longer than 63 characters";
    }
    return {};
}

}  // namespace

std::optional<Result<SlotName>> parse_slot_name(std::string_view host) {
    const std::string_view written = host;
    if (!host.empty() && host.back() == '.')
        host.remove_suffix(1);
    if (same_but_for_case(host, domain))
        return Result<SlotName>(SlotName(NamesOwnBackend{}));
    if (host.size() <= domain.size() || host[host.size() - domain.size() - 1] != '.' ||
        !same_but_for_case(host.substr(host.size() - domain.size()), domain))
        return std::nullopt;

    std::string_view rest = host.substr(0, host.size() - domain.size() - 1);
    if (has_empty_label(rest))
        return Result<SlotName>(bad(written, "has an empty label"));

    std::string_view last = take_last_label(rest);
    if (same_but_for_case(last, "kv")) {
        if (rest.empty() || rest.find('.') != std::string_view::npos)
            return Result<SlotName>(bad(written, "does not name one KV key before .kv"));
        return Result<SlotName>(SlotName(NamesKv{std::string(rest)}));
    }

    NamesService names;
    if (!same_but_for_case(last, "service")) {
        names.datacenter = last;
        last = rest.empty() ? std::string_view{} : take_last_label(rest);
    }
    if (!same_but_for_case(last, "service"))
        return Result<SlotName>(bad(written, "has neither .service nor .kv before .slots.invalid"));
    if (rest.empty())
        return Result<SlotName>(bad(written, "has no service before .service"));
    names.service = take_last_label(rest);
    names.tag = rest;
    return Result<SlotName>(SlotName(std::move(names)));
}

namespace {

constexpr std::string_view other_way =
    "hand the slots over in the configuration instead: [backend.NAME] with service = \"...\" and "
    "slots = \"...\"";

std::optional<Error> unwritable(std::string_view part, std::string_view what, bool dots) {
    const std::string why = why_unwritable(part, dots);
    if (why.empty())
        return std::nullopt;
    return Error(ErrorKind::usage,
                 "the " + std::string(what) + " \"" + printable(part) + "\" " + why, {},
                 std::string(other_way));
}

}  // namespace

Result<std::string> format_slot_name(const NamesService& names) {
    if (auto error = unwritable(names.service, "service", false))
        return *std::move(error);
    std::string host;
    if (!names.tag.empty()) {
        if (auto error = unwritable(names.tag, "tag", true))
            return *std::move(error);
        host = names.tag + ".";
    }
    host += names.service + ".service.";
    if (!names.datacenter.empty()) {
        if (auto error = unwritable(names.datacenter, "datacenter", false))
            return *std::move(error);
        host += names.datacenter + ".";
    }
    host += domain;
    if (host.size() > 253)
        return Error(ErrorKind::usage, "the host name " + host + " is longer than 253 characters",
                     {}, std::string(other_way));
    return host;
}

Result<std::string> format_slot_name(const NamesKv& names) {
    const std::string why = why_unwritable(names.name, false);
    if (!why.empty())
        return Error(ErrorKind::config, "the name \"" + printable(names.name) + "\" " + why, {},
                     "[kv] gives keys their names: letters, digits, - and _");
    return names.name + ".kv." + std::string(domain);
}

}  // namespace slotd::model
