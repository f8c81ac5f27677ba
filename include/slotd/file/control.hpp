// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/file/settings.hpp"
#include "slotd/haproxy/runtime.hpp"
#include "slotd/model/result.hpp"

#include <asio/awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace slotd::file {

/// What became of a reload that did not fail.
enum class Loaded {
    yes,        ///< a new worker answers on the runtime socket
    no_haproxy  ///< no HAProxy answered before, and none does now: nobody can tell
};

/// HAProxy as the managed file needs it.
class Control {
  public:
    virtual ~Control() = default;
    /// HAProxy's own check of the file at `path`; an error has HAProxy's message.
    virtual asio::awaitable<model::Result<void>> check(std::string path) = 0;
    /// Makes HAProxy load its file, and waits until a new worker answers. An error when none did.
    virtual asio::awaitable<model::Result<Loaded>> reload() = 0;
    /// An HAProxy answers.
    virtual asio::awaitable<bool> is_up() = 0;
};

/// The real one; `settings` outlives it.
std::unique_ptr<Control> haproxy_control(const Settings& settings,
                                         std::unique_ptr<haproxy::Runtime> runtime);

/// What HAProxy complains about in its output, on one printable line.
std::string complaint(std::string_view output);

}  // namespace slotd::file
