// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/app/check/code.hpp"
#include "slotd/model/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slotd::app {

enum class Level {
    ok,
    warning,  ///< works, but not as well as it could, or not always
    failure,  ///< does not work
};

/// What it is about.
enum class Area { configuration, consul, service, key, haproxy, backend, state_file, file };

/// "ok", "warning", "failure"; "configuration", ..., "state-file", "file".
std::string_view to_string(Level level);
std::string_view to_string(Area area);

/// One thing that was looked at. The texts are printable and of one line each.
struct Finding {
    Level level;
    Area area;
    Code code;
    std::string where;  ///< a file, an address, a service, a socket or a backend; may be empty
    std::string what;
    std::string hint;  ///< how to mend it; empty when there is nothing to mend

    Finding(Level level_, Area area_, Code code_, std::string where_, std::string what_,
            std::string hint_ = {})
        : level(level_),
          area(area_),
          code(code_),
          where(std::move(where_)),
          what(std::move(what_)),
          hint(std::move(hint_)) {}
    bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

/// A failure: where the error says none, `where`.
Finding failure(Area area, Code code, const model::Error& error, std::string where = {});

/// "warning  backend web: what (hint)".
std::string to_string(const Finding& finding);

/// A line each, and a last one that counts.
std::string findings_text(const Findings& findings);
/// One document.
std::string findings_json(const Findings& findings);

/// 2 when the command line or the configuration fails, 1 when anything else does, else 0.
int exit_code(const Findings& findings);

}  // namespace slotd::app
