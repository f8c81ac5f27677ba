// SPDX-License-Identifier: MIT
#include "slotd/file/template.hpp"

#include "slotd/model/text.hpp"

#include <algorithm>
#include <charconv>
#include <kainjow/mustache.hpp>
#include <optional>
#include <string_view>
#include <utility>

// kainjow's Mustache renders nothing for a name that it does not know. In haproxy.cfg that is a
// backend without servers, so here it is an error: each template is rendered once, before it is
// used, with everything there and once with nothing, and the names that were asked for are looked
// at.

namespace slotd::file {
namespace {

namespace mustache = kainjow::mustache;
using mustache::data;

// {{ .NAME }} is an older spelling (Go's templates) of {{ NAME }}; a dot alone is the element
// itself.
std::string without_dot(const std::string& name) {
    return name.size() > 1 && name.front() == '.' ? name.substr(1) : name;
}

/// Where names are looked up: the backend at hand, then all.
class Scope final : public mustache::context<std::string> {
  public:
    using Base = mustache::context<std::string>;

    /// `any_meta`: what stands for each meta.KEY that is missing; null: nothing.
    Scope(const data* all, const data* any_meta) : Base(all), any_meta_(any_meta) {}

    const data* get(const std::string& written) const override {
        const std::string name = without_dot(written);
        const data* found = Base::get(name);
        if (found)
            return found;
        if (name.starts_with("meta.") && Base::get("meta"))
            return any_meta_;
        unknown_.emplace(written);
        return nullptr;
    }

    const data* get_partial(const std::string& name) const override {
        unknown_.emplace("> " + name);
        return nullptr;
    }

    const std::set<std::string>& unknown() const { return unknown_; }

  private:
    const data* any_meta_;
    mutable std::set<std::string> unknown_;
};

data data_of(const std::map<std::string, std::string>& texts) {
    data all(data::type::object);
    for (const auto& [name, text] : texts)
        if (!text.empty())
            all.set(name, text);
    return all;
}

data data_of(const Section& section) {
    data one(data::type::object);
    one.set("name", section.name);
    one.set("service", section.service);
    one.set("slots", section.slots);
    one.set("slot_count", std::to_string(section.slot_count));
    data tags(data::type::list);
    for (const std::string& tag : section.tags) tags.push_back(tag);
    one.set("tags", tags);
    one.set("meta", data_of(section.meta));
    return one;
}

data data_of(const Content& content) {
    data all(data::type::object);
    for (const auto& [name, lines] : content.slots) all.set(name, lines);
    data lines(data::type::object);
    for (const auto& [name, text] : content.lines) lines.set(name, text);
    all.set("lines", lines);
    data backends(data::type::list);
    for (const Section& section : content.backends) backends.push_back(data_of(section));
    all.set("backends", backends);
    return all;
}

/// "path:LINE" of an offset.
std::string place(const std::string& path, std::string_view text, std::size_t at) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size()));
    return path + ":" + std::to_string(1 + std::count(text.begin(), end, '\n'));
}

/// Where a tag with this name stands; none when it can't be found (other delimiters).
std::optional<std::size_t> find_tag(std::string_view text, std::string_view name) {
    if (name.starts_with("> "))
        name.remove_prefix(2);
    for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        const auto begin = text.find_first_not_of("{#^/&> \t\r\n", at);
        if (begin != std::string_view::npos && text.substr(begin).starts_with(name) &&
            text.find_first_of("} \t\r\n", begin) == begin + name.size())
            return at;
    }
    return std::nullopt;
}

/// kainjow's message ends in " at OFFSET".
model::Error syntax_error(std::string message, const std::string& text, const std::string& path) {
    std::string where = path;
    const auto at = message.rfind(" at ");
    if (at != std::string::npos) {
        std::size_t offset = 0;
        std::from_chars(message.data() + at + 4, message.data() + message.size(), offset);
        message.resize(at);
        where = place(path, text, offset);
    }
    return model::Error(model::ErrorKind::config, model::printable(message), std::move(where),
                        "a template is Mustache: {{#backends}} ... {{/backends}}, {{name}}");
}

model::Error unknown_name(const std::string& name, const std::string& text, const std::string& path,
                          const std::set<std::string>& kv_names) {
    const auto at = find_tag(text, name);
    const std::string where = at ? place(path, text, *at) : path;
    if (name.starts_with("> "))
        return model::Error(model::ErrorKind::config,
                            "{{" + model::printable(name) + "}} is a partial; there are none",
                            where, "write its text here");
    std::string names;
    for (const std::string& kv : kv_names) names += ", " + kv + ", lines." + kv;
    return model::Error(
        model::ErrorKind::config, "there is no \"" + model::printable(name) + "\" here", where,
        "the names are backends" + names +
            "; within a backend name, service, slots, slot_count, tags and meta.KEY");
}

}  // namespace

class Template::Impl {
  public:
    explicit Impl(const std::string& text) : mustache_(text) {
        mustache_.set_custom_escape([](const std::string& safe) { return safe; });
    }

    const std::string& error() const { return mustache_.error_message(); }

    std::string render(Scope& scope) {
        std::ostringstream out;
        return mustache_.render(scope, out).str();
    }

    /// The names that were not there.
    std::set<std::string> try_out(const data& all, const data* any_meta) {
        Scope scope(&all, any_meta);
        render(scope);
        return scope.unknown();
    }

  private:
    mustache::mustache mustache_;
};

Template::Template(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Template::~Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;

model::Result<Template> Template::parse(const std::string& text, const std::string& path,
                                        const std::set<std::string>& kv_names) {
    const std::string where = model::printable(path, 300);
    Template made(std::make_unique<Impl>(text));
    if (!made.impl_->error().empty())
        return syntax_error(made.impl_->error(), text, where);

    Content nothing;
    for (const std::string& name : kv_names) {
        nothing.slots.emplace(name, "x");
        nothing.lines.emplace(name, "x");
        if (text.find("lines." + name) != std::string::npos)
            made.lines_of_.insert(name);
    }
    Content everything = nothing;
    everything.backends.emplace_back();
    everything.backends.back().tags.emplace_back("x");
    const data any_meta(std::string("x"));
    std::set<std::string> unknown = made.impl_->try_out(data_of(everything), &any_meta);
    unknown.merge(made.impl_->try_out(data_of(everything), nullptr));
    unknown.merge(made.impl_->try_out(data_of(nothing), nullptr));
    if (!unknown.empty())
        return unknown_name(*unknown.begin(), text, where, kv_names);
    return made;
}

std::string Template::render(const Content& content) const {
    const data all = data_of(content);
    Scope scope(&all, nullptr);
    return impl_->render(scope);
}

}  // namespace slotd::file
