// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/catalog/listing.hpp"
#include "slotd/catalog/source.hpp"
#include "slotd/file/backends.hpp"
#include "slotd/file/settings.hpp"
#include "slotd/model/result.hpp"
#include "slotd/model/time.hpp"

#include <asio/awaitable.hpp>

#include <string>
#include <utility>
#include <vector>

namespace slotd::file {

/// What the file would be now.
struct Rendered {
    std::string text;
    std::string why;    ///< printable: "web came; old went"
    Backends backends;  ///< to be kept, once the text is in place
    std::vector<model::Error> remarks;

    Rendered() = default;
};

/// Asks Consul once for all that the file depends on. An error when any of it is not known.
asio::awaitable<model::Result<Rendered>> render_once(const Settings& settings,
                                                     catalog::Listing& listing,
                                                     catalog::Source& source, model::WallTime now);

struct Confirmed {
    std::vector<std::string> gone;
    std::vector<std::string> hidden;  ///< the token may not read them, so they may still be there

    Confirmed() = default;
};

/// Which of these services Consul really has no longer: it is asked once more, and whether the
/// token may read them. What it does not answer well is not gone.
asio::awaitable<Confirmed> confirm_gone(const Settings& settings, catalog::Listing& listing,
                                        catalog::Source& source, std::vector<std::string> services);

}  // namespace slotd::file
