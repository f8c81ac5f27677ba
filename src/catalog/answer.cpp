// SPDX-License-Identifier: MIT
#include "slotd/catalog/answer.hpp"

#include "slotd/model/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <strings.h>
#include <utility>
#include <variant>

// The DOM parser reads the whole document before anything is taken from it; the on-demand one
// accepts broken JSON in what it skips.

namespace slotd::catalog {
namespace {

using model::Health;
using model::Instance;
using model::Instances;
using model::Unknown;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// Where in the document something is not what it must be; thrown and caught within this file.
struct Unreadable {
    std::string what;
};

[[noreturn]] void fail(std::string what) {
    throw Unreadable{std::move(what)};
}

std::string_view type_name(element_type type) {
    switch (type) {
        case element_type::ARRAY:
            return "an array";
        case element_type::OBJECT:
            return "an object";
        case element_type::STRING:
            return "a string";
        case element_type::BOOL:
            return "a boolean";
        case element_type::NULL_VALUE:
            return "null";
        default:
            return "a number";
    }
}

/// A place in the document, for messages: "[3].Service". Text is made of it only when it is asked
/// for.
class Path {
  public:
    explicit Path(std::size_t entry) : entry_(entry) {}
    Path operator/(std::string_view key) const { return Path(*this, key); }

    std::string text() const {
        return above_ ? above_->text() + "." + std::string(key_)
                      : "[" + std::to_string(entry_) + "]";
    }

  private:
    // Used within one expression, or while the path above is a local of the caller.
    Path(const Path& above, std::string_view key)
        : entry_(above.entry_), above_(&above), key_(key) {}

    std::size_t entry_;
    const Path* above_ = nullptr;
    std::string_view key_;
};

template <typename T>
T as(const element& value, std::string_view what, const Path& path) {
    T out;
    if (value.get(out) != simdjson::SUCCESS)
        fail(path.text() + " is " + std::string(type_name(value.type())) + ", not " +
             std::string(what));
    return out;
}

std::optional<element> find(const object& in, std::string_view key) {
    element value;
    if (in.at_key(key).get(value) != simdjson::SUCCESS || value.is_null())
        return std::nullopt;
    return value;
}

object object_of(const object& in, std::string_view key, const Path& path) {
    const auto value = find(in, key);
    if (!value)
        fail((path / key).text() + " is missing");
    return as<object>(*value, "an object", path / key);
}

std::string_view string_of(const object& in, std::string_view key, const Path& path) {
    const auto value = find(in, key);
    return value ? as<std::string_view>(*value, "a string", path / key) : std::string_view{};
}

std::int64_t integer_of(const object& in, std::string_view key, std::int64_t absent,
                        const Path& path) {
    const auto value = find(in, key);
    return value ? as<std::int64_t>(*value, "a whole number", path / key) : absent;
}

template <typename Each>
void each_of(const object& in, std::string_view key, const Path& path, Each each) {
    const auto value = find(in, key);
    if (!value)
        return;
    for (const element one : as<array>(*value, "an array", path / key)) each(one);
}

Health health_of(std::string_view status) {
    if (status == "passing")
        return Health::passing;
    return status == "warning" ? Health::warning : Health::critical;
}

// Consul makes maintenance mode a critical check with a name of its own.
bool is_maintenance(std::string_view check_id) {
    return check_id == "_node_maintenance" || check_id.starts_with("_service_maintenance:");
}

void read_checks(const object& entry, const Path& path, Instance& instance) {
    each_of(entry, "Checks", path, [&](const element& one) {
        const object check = as<object>(one, "an object", path / "Checks");
        const std::string_view status = string_of(check, "Status", path / "Checks");
        if (is_maintenance(string_of(check, "CheckID", path / "Checks"))) {
            instance.maintenance = instance.maintenance || status != "passing";
            return;
        }
        instance.health = std::max(instance.health, health_of(status));
    });
}

void read_rest(const object& entry, const object& service, const Path& path, Instance& instance) {
    const Path inside = path / "Service";
    each_of(service, "Tags", inside, [&](const element& tag) {
        instance.tags.emplace_back(as<std::string_view>(tag, "a string", inside / "Tags"));
    });
    if (const auto meta = find(service, "Meta"))
        for (const auto& [key, value] : as<object>(*meta, "an object", inside / "Meta"))
            instance.meta.emplace_back(key,
                                       as<std::string_view>(value, "a string", inside / "Meta"));
    if (const auto weights = find(service, "Weights")) {
        const object both = as<object>(*weights, "an object", inside / "Weights");
        instance.weight_passing = integer_of(both, "Passing", 1, inside / "Weights");
        instance.weight_warning = integer_of(both, "Warning", 1, inside / "Weights");
    }
    read_checks(entry, path, instance);
}

std::string why_no_address(std::string_view text) {
    const std::string quoted = "the address \"" + model::printable(text, 100) + "\" ";
    if (text.empty())
        return "neither the instance nor its node has an address";
    const bool name = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
    });
    if (name && !std::all_of(text.begin(), text.end(),
                             [](char c) { return c == '.' || (c >= '0' && c <= '9'); }))
        return quoted + "is a host name; register the instance with its IP address";
    if (text.find('%') != std::string_view::npos)
        return quoted + "has a scope, which means nothing on another host";
    return quoted + "is no IP address";
}

bool same_but_for_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

void read_entry(const element& one, const std::string& name, std::size_t position,
                Instances& instances) {
    const Path path(position);
    const auto entry = as<object>(one, "an object", path);
    const object node = object_of(entry, "Node", path);
    const object service = object_of(entry, "Service", path);
    if (!same_but_for_case(string_of(service, "Service", path / "Service"), name))
        return;

    model::InstanceId id(std::string(string_of(node, "Node", path / "Node")),
                         std::string(string_of(service, "ID", path / "Service")));
    std::string_view where = string_of(service, "Address", path / "Service");
    if (where.empty())
        where = string_of(node, "Address", path / "Node");
    const std::int64_t port_number = integer_of(service, "Port", 0, path / "Service");

    const auto address = model::Address::parse(where);
    const auto port = model::Port::from(port_number);
    std::string why;
    if (!address)
        why = why_no_address(where);
    else if (!model::why_unusable(*address).empty())
        why =
            "the address " + to_string(*address) + " " + std::string(model::why_unusable(*address));
    else if (!port)
        why = "port " + std::to_string(port_number) + " is not between 1 and 65535";
    if (!why.empty()) {
        instances.refused.emplace_back(std::move(id), std::move(why));
        return;
    }
    Instance instance(std::move(id), model::AddressPort(*address, *port));
    read_rest(entry, service, path, instance);
    instances.list.push_back(std::move(instance));
}

Instances read_list(const element& document, const std::string& name) {
    array list;
    if (document.get(list) != simdjson::SUCCESS)
        fail("the document is " + std::string(type_name(document.type())) + ", not an array");
    Instances instances;
    std::size_t position = 0;
    for (const element one : list) read_entry(one, name, position++, instances);
    return instances;
}

// The parser keeps its buffers: past this its memory is given back.
constexpr std::size_t most_kept = 256U << 10;

}  // namespace

class AnswerParser::Impl {
  public:
    model::Answer parse(std::string_view body, const std::string& service) {
        if (!parser_)
            parser_.emplace();
        try {
            element document;
            const auto error = parser_->parse(body.data(), body.size()).get(document);
            if (error != simdjson::SUCCESS)
                fail(simdjson::error_message(error));
            model::Answer answer = read_list(document, service);
            let_go(body.size());
            return answer;
        } catch (const Unreadable& unreadable) {
            let_go(body.size());
            return Unknown(model::Doubt::unreadable_answer,
                           "Consul's answer can't be read: " + unreadable.what);
        }
    }

    std::optional<bool> parse_authorize(std::string_view body) {
        if (!parser_)
            parser_.emplace();
        array list;
        if (parser_->parse(body.data(), body.size()).get(list) != simdjson::SUCCESS)
            return std::nullopt;
        bool all = true;
        for (const element one : list) {
            bool allow = false;
            if (one["Allow"].get(allow) != simdjson::SUCCESS)
                return std::nullopt;
            all = all && allow;
        }
        return list.size() == 0 ? std::nullopt : std::optional<bool>(all);
    }

  private:
    void let_go(std::size_t size) {
        if (size > most_kept)
            parser_.reset();
    }

    std::optional<simdjson::dom::parser> parser_;
};

AnswerParser::AnswerParser() : impl_(std::make_unique<Impl>()) {}
AnswerParser::~AnswerParser() = default;

model::Answer AnswerParser::parse(std::string_view body, const std::string& service) {
    return impl_->parse(body, service);
}

std::optional<bool> AnswerParser::parse_authorize(std::string_view body) {
    return impl_->parse_authorize(body);
}

}  // namespace slotd::catalog
