// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/file/backends.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/file/template.hpp"
#include "slotd/model/result.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace slotd::file {

/// The template's file, and what it makes of backends.
class Renderer {
  public:
    /// `settings` outlives it.
    explicit Renderer(const Settings& settings);
    ~Renderer();
    Renderer(const Renderer&) = delete;
    Renderer& operator=(const Renderer&) = delete;

    /// Reads the template when it is not the one that was read; true then. An error when it can't
    /// be read or is none; the next call tries again only when it has changed.
    model::Result<bool> refresh();

    /// The KV names of which the template wants the lines.
    std::set<std::string> lines_of() const;

    /// `lines`: of those names, as server_lines() makes them. Only after a good refresh().
    std::string render(const Backends& backends,
                       const std::map<std::string, std::string>& lines) const;

  private:
    struct Read;
    const Settings& settings_;
    std::unique_ptr<Read> read_;
};

}  // namespace slotd::file
