// SPDX-License-Identifier: MIT
#include "slotd/catalog/answer.hpp"

#include "base64.hpp"
#include "json.hpp"
#include "slotd/model/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace slotd::catalog {
namespace {

using namespace json;

using model::Health;
using model::Instance;
using model::Instances;
using model::Unknown;

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
    if (model::is_host_name(text))
        return quoted + "is a host name; register the instance with its IP address";
    if (text.find('%') != std::string_view::npos)
        return quoted + "has a scope, which means nothing on another host";
    return quoted + "is no IP address";
}

void read_entry(const element& one, const std::string& name, std::size_t position,
                Instances& instances) {
    const Path path(position);
    const auto entry = as<object>(one, "an object", path);
    const object node = object_of(entry, "Node", path);
    const object service = object_of(entry, "Service", path);
    if (!model::same_but_for_case(string_of(service, "Service", path / "Service"), name))
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
    Instances instances;
    std::size_t position = 0;
    for (const element one : list_of(document)) read_entry(one, name, position++, instances);
    return instances;
}

// [{"Key": "a/b", "Value": "base64", ...}]; an empty value is null.
std::string read_value(const element& document, const std::string& key) {
    const array list = list_of(document);
    if (list.size() != 1)
        fail("it has " + std::to_string(list.size()) + " keys, not one");
    const Path path(0);
    const auto entry = as<object>(list.at(0), "an object", path);
    if (string_of(entry, "Key", path) != key)
        fail((path / "Key").text() + " is another one");
    auto value = decode_base64(string_of(entry, "Value", path));
    if (!value)
        fail((path / "Value").text() + " is no base64");
    return *std::move(value);
}

// The parser keeps its buffers: past this its memory is given back.
constexpr std::size_t most_kept = 256U << 10;

}  // namespace

class AnswerParser::Impl {
  public:
    model::Answer parse(const std::string& body, const std::string& service) {
        auto list = read<Instances>(
            body, [&](const element& document) { return read_list(document, service); });
        if (list)
            return *std::move(list);
        return Unknown(model::Doubt::unreadable_answer, list.error().what);
    }

    model::Result<std::string> parse_value(const std::string& body, const std::string& key) {
        return read<std::string>(
            body, [&](const element& document) { return read_value(document, key); });
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
    template <typename T, typename Read>
    model::Result<T> read(const std::string& body, Read read_document) {
        if (!parser_)
            parser_.emplace();
        try {
            element document;
            const auto error = parser_->parse(body).get(document);
            if (error != simdjson::SUCCESS)
                fail(simdjson::error_message(error));
            T read = read_document(document);
            let_go(body.size());
            return read;
        } catch (const Unreadable& unreadable) {
            let_go(body.size());
            return model::Error(model::ErrorKind::unreadable,
                                "Consul's answer can't be read: " + unreadable.what);
        }
    }

    void let_go(std::size_t size) {
        if (size > most_kept)
            parser_.reset();
    }

    std::optional<simdjson::dom::parser> parser_;
};

AnswerParser::AnswerParser() : impl_(std::make_unique<Impl>()) {}
AnswerParser::~AnswerParser() = default;

model::Answer AnswerParser::parse(const std::string& body, const std::string& service) {
    return impl_->parse(body, service);
}

model::Result<std::string> AnswerParser::parse_value(const std::string& body,
                                                     const std::string& key) {
    return impl_->parse_value(body, key);
}

std::optional<bool> AnswerParser::parse_authorize(std::string_view body) {
    return impl_->parse_authorize(body);
}

}  // namespace slotd::catalog
