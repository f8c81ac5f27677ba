// SPDX-License-Identifier: MIT
#pragma once

#include "slotd/model/time.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace slotd::sync {

/// What goes wrong again and again, said at once and then at growing intervals (a minute, ten, an
/// hour, and each hour from then on) with how often. One that ends and comes back is said anew,
/// but no more than three times in a row: then the intervals hold for it as well.
class Repeats {
  public:
    /// `text` went wrong at `now`: the line to write, none when it was said lately.
    std::optional<std::string> line(const std::string& text, model::Time now);

    struct Over {
        unsigned tries;
        std::string text;  ///< "after 12 tries in 61 s"
    };
    /// All is well at `now`: what that ends; none when nothing was said since it last was.
    std::optional<Over> over(model::Time now);

  private:
    struct Said {
        model::Time at;        ///< last
        unsigned since = 0;    ///< how often it went wrong after that
        unsigned returns = 0;  ///< how often it was said anew
        bool is_over = false;
        std::chrono::minutes pause{1};  ///< before it is said again

        explicit Said(model::Time at_) : at(at_) {}
    };

    std::map<std::string, Said> said_;
    model::Time began_{};
    unsigned tries_ = 0;  ///< since all was well
    bool is_told_ = false;
};

}  // namespace slotd::sync
