// SPDX-License-Identifier: MIT
#include "slotd/file/renderer.hpp"

#include "slotd/file/stamp.hpp"
#include "slotd/model/text.hpp"
#include "slotd/sync/file.hpp"

#include <cassert>
#include <optional>
#include <utility>
#include <vector>

namespace slotd::file {

struct Renderer::Read {
    std::optional<Stamp> stamp;  ///< of what was read last
    std::optional<Template> made;
};

Renderer::Renderer(const Settings& settings)
    : settings_(settings), read_(std::make_unique<Read>()) {}
Renderer::~Renderer() = default;

model::Result<bool> Renderer::refresh() {
    const Stamp stamp = Stamp::of(settings_.template_path);
    if (read_->stamp == stamp)
        return false;
    read_->stamp = stamp;
    const auto text = sync::read_file(settings_.template_path);
    if (!text)
        return model::Error(
            model::ErrorKind::config, "the template can't be read: " + text.error().what,
            model::printable(settings_.template_path, 300), "`template` in [file] names it");
    std::set<std::string> names;
    for (const auto& [name, key] : settings_.keys) names.insert(name);
    auto made = Template::parse(*text, settings_.template_path, names);
    if (!made)
        return std::move(made).error();
    read_->made = *std::move(made);
    return true;
}

std::set<std::string> Renderer::lines_of() const {
    return read_->made ? read_->made->lines_of() : std::set<std::string>();
}

std::string Renderer::render(const Backends& backends,
                             const std::map<std::string, std::string>& lines) const {
    assert(read_->made);
    std::vector<std::string> names;
    for (const auto& [name, key] : settings_.keys) names.push_back(name);
    return read_->made->render(content_of(backends, settings_.slots, lines, names));
}

}  // namespace slotd::file
