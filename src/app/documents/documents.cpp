// SPDX-License-Identifier: MIT
#include "slotd/app/documents.hpp"

#include "pages.hpp"

#include <array>

namespace slotd::app {

std::span<const Document> documents() {
    static constexpr std::array all{
        Document{"slotd.1", command_page},       Document{"slotd.toml.5", configuration_page},
        Document{"slotd", bash_completion},      Document{"_slotd", zsh_completion},
        Document{"slotd.fish", fish_completion},
    };
    return all;
}

}  // namespace slotd::app
