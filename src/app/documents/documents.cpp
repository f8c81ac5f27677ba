// SPDX-License-Identifier: MIT
#include "slotd/app/documents.hpp"

#include "pages.hpp"

#include <array>

namespace slotd::app {

std::span<const Document> documents() {
    static constexpr std::array all{
        Document{"slotd.1", command_page},
        Document{"slotd.toml.5", configuration_page},
    };
    return all;
}

}  // namespace slotd::app
