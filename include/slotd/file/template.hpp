// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace slotd::file {

/// A backend as a template sees it. All texts are copied into the file as they are: they have been
/// made safe before.
struct Section {
    std::string name;
    std::string service;
    std::string slots;  ///< whole lines
    int slot_count = 0;
    std::vector<std::string> tags;
    std::map<std::string, std::string> meta;

    Section() = default;
};

/// All that a template can name.
struct Content {
    std::vector<Section> backends;
    std::map<std::string, std::string> slots;  ///< by KV name: slot lines that follow the key
    std::map<std::string, std::string> lines;  ///< by KV name: the key's own lines

    Content() = default;
};

/// A Mustache template: {{#backends}}...{{/backends}} with name, service, slots, slot_count, tags
/// and meta.KEY; {{NAME}} or {{.NAME}} of a KV name, and lines.NAME. Two or three braces mean the
/// same.
class Template {
  public:
    /// `path` is for the messages. A name that is none of these is an error with its line (a
    /// missing meta.KEY is empty: instances have it or not), and so are partials and sections that
    /// don't close.
    static model::Result<Template> parse(const std::string& text, const std::string& path,
                                         const std::set<std::string>& kv_names);
    ~Template();
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;

    std::string render(const Content& content) const;
    /// The KV names of which the lines are asked for (or perhaps, as in a comment).
    const std::set<std::string>& lines_of() const { return lines_of_; }

  private:
    class Impl;
    explicit Template(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
    std::set<std::string> lines_of_;
};

}  // namespace slotd::file
