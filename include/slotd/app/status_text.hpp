// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/result.hpp"

#include <string>
#include <string_view>

namespace slotd::app {

/// How a terminal shows what matters; nothing of it where the output is no terminal.
struct Colours {
    std::string_view good;
    std::string_view doubtful;
    std::string_view bad;
    std::string_view head;
    std::string_view end;

    static Colours none() { return {}; }
    static Colours ansi();
};

/// The status document (`/v1/status`) for a person: HAProxys, then a line per backend with what is
/// wrong below it, those where something is wrong first; with the name of a backend that one slot
/// by slot. An error when the document is none.
model::Result<std::string> status_text(std::string_view document, const std::string& backend,
                                       const Colours& colours);

}  // namespace slotd::app
